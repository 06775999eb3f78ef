/**
 * Owns every weight and every optimizer moment of a model, resolves which layer uses which block, and is the only
 * way to change either. See `Layout` for what a decision means; here the tensors follow.
 */
import type * as tf from '@tensorflow/tfjs-core';
import {
  assertTieMap,
  ContractError,
  InputError,
  type Decision,
  type Ledger,
  type Model,
  type ParameterSpec,
  type ParameterView,
  type RandomStreams,
  type Snapshot,
  type TieMap,
} from '@ligature/core';
import { CleanLayout } from '../layout/clean-layout.js';
import type { Layout, StorageEdit } from '../layout/layout.js';
import { OfficialLayout } from '../layout/official-layout.js';
import type { SafetensorsFile } from '../safetensors/types.js';
import type { SharingOptions } from '../sharing-options.js';
import { bindingView, unknownParameter, type Binding, type Leaf } from './binding.js';
import { planBinding, type BindingPlan, type LeafPlan } from './binding-plan.js';
import { assertTie } from './assert-tie.js';
import { assertComponents, blockParameters, componentOf, type BlockParameters } from './block-parameters.js';
import { carryOut } from './carry-out.js';
import { Clones } from './clones.js';
import { ledgerOf } from './ledger.js';
import { resolveOptions } from './resolve-options.js';
import { assertSameMaps, readRegistryState, registryState, type SavedMoments } from './registry-state.js';
import { specsByName, storagesOf, type NamedStorage } from './storages.js';
import { TensorStore, type Moments } from './tensor-store.js';
import { unusable } from './unusable.js';
import { readTieMaps, tieMapMetadata, type WeightsFile } from './weights-file.js';
import { assertKnownWeights, sampleWeight, weightFrom, type WeightSource } from './weights.js';

/** What a change did. */
export interface TieChange {
  readonly previous: TieMap;
  readonly tieMap: TieMap;
  readonly state: readonly number[];
  /** Layers whose entry in the state now points at another layer than before, and not at themselves. */
  readonly tied: number;
  /** Layers whose entry in the state now points at themselves. */
  readonly untied: number;
}

/** The result of one optimizer update of one leaf. */
export interface LeafUpdate extends Moments {
  readonly parameter: tf.Tensor;
}

export class WeightRegistry {
  readonly options: SharingOptions;
  readonly #parameters: BlockParameters;
  /** By full name. */
  readonly #specs: ReadonlyMap<string, ParameterSpec>;
  readonly #store = new TensorStore();
  /** Of the current binding, by `leaf <id>` or `frozen <storage>`. */
  readonly #clones = new Clones();
  #layout: Layout | undefined;
  #plan: BindingPlan | undefined;
  #disposed = false;

  /**
   * Makes no tensor yet; call `initialize`, `importWeights` or `restore` next.
   *
   * @throws InputError (`component-unknown`, `sharing-options-invalid`)
   */
  constructor(
    readonly model: Model,
    private readonly streams: RandomStreams,
    options: Partial<SharingOptions> = {},
  ) {
    this.#parameters = blockParameters(model);
    this.#specs = specsByName(model, this.#parameters);
    this.options = resolveOptions(options, this.#parameters.components);
  }

  /**
   * Makes every weight. Block weights that are sampled come from one random stream per full parameter name
   * (`initialization/<name>`), so that equal seeds give equal weights whatever the map.
   *
   * @param initial the map before the first step; left out: every layer independent, or, under `official`, the
   *   official start (all frozen but layer 0, state all zeros)
   * @param weights values by full name instead of sampled ones; must hold every independent layer's, those of tied
   *   layers are not read. Copied.
   * @throws InputError (`tie-map-invalid`, `weight-missing`, `weight-shape`, `weight-superfluous`)
   */
  initialize(initial?: TieMap, weights?: WeightSource): void {
    if (this.#disposed) throw unusable('disposed', this.model.name);
    if (this.#layout) {
      throw new ContractError('registry-initialized', {
        asked: 'Initialize the registry',
        found: 'it holds weights already',
        todo: 'Initialize once, or import weights to replace them',
      });
    }
    const { layers } = this.model;
    if (initial) assertTieMap(initial, layers);
    if (weights) {
      assertKnownWeights(weights, new Set(this.#specs.keys()), 'the model has no parameter of that name');
    }
    const layout = this.#newLayout(this.options.profile === 'clean' ? initial : undefined);
    if (layout instanceof OfficialLayout && initial) layout.setMap(initial);
    this.#take(layout, ({ storage, spec }) =>
      weights ? weightFrom(weights, storage, spec) : this.#sample(storage, spec),
    );
  }

  /** Canonical: which layers truly share every governed component. */
  get tieMap(): TieMap {
    return this.#ready().tieMap();
  }

  /** What a learner sees: the tie map, or the action log under `official`. */
  get state(): readonly number[] {
    return this.#ready().state();
  }

  tieMapOf(component: string): TieMap {
    assertComponents([component], this.#parameters.components);
    return this.#ready().tieMapOf(component);
  }

  /** @throws InputError (`tie-map-invalid`) for a decision that is none; nothing has changed then */
  apply(decision: Decision): TieChange {
    if (decision.kind === 'layer') return this.tie(decision.layer, decision.source);
    const layout = this.#ready();
    if (decision.kind === 'keep') return this.#change(layout, () => []);
    assertTieMap(decision.tieMap, this.model.layers);
    return this.#change(layout, () => layout.setMap(decision.tieMap));
  }

  /**
   * Lets `layer` use the block that `source` uses; with `source === layer`, a block of its own.
   *
   * @param component one governed component; left out: all of them
   * @throws InputError (`tie-map-invalid`, `component-unknown`)
   */
  tie(layer: number, source: number, component?: string): TieChange {
    const layout = this.#ready();
    assertTie(layer, source, this.model.layers);
    const components = component === undefined ? this.options.components : [component];
    assertComponents(components, this.options.components);
    if (
      this.options.profile === 'official' &&
      component !== undefined &&
      this.options.components.length > 1
    ) {
      throw new InputError('component-unknown', {
        asked: `Tie only the ${component} of layer ${layer}`,
        found: 'the official profile ties whole blocks',
        todo: 'Leave out the component, or use the clean profile',
      });
    }
    return this.#change(layout, () => layout.tie(layer, source, components));
  }

  /** Gives `layer` a block of its own, as the `untie` and `moments` options say. */
  untie(layer: number, component?: string): TieChange {
    return this.tie(layer, layer, component);
  }

  /** The inputs of the next step. Its clones live until the next `binding()`, update or change. */
  binding(): Binding {
    const plan = this.#currentPlan();
    this.#clones.dropAll();
    const leaves = plan.leaves.map((leaf) => this.#leaf(leaf));
    const frozen = plan.frozen.map((name) => this.#clones.make(`frozen ${name}`, this.#weight(name)));
    const mean = this.options.profile === 'clean' && this.options.gradient === 'mean';
    return {
      key: plan.key,
      leaves,
      frozen,
      view: (leafTensors, frozenTensors) => bindingView(plan, mean, leafTensors, frozenTensors),
    };
  }

  /**
   * Replaces a leaf's weight and moments by those after an optimizer update; takes ownership of all three tensors
   * and disposes the old ones. Under `official` aliased leaves update one storage after another, in the order of
   * `binding().leaves`: compute each from `storageOf(leaf)`.
   *
   * @throws ContractError (`leaf-unknown`, `leaf-shape`)
   */
  update(leaf: Leaf, value: LeafUpdate): void {
    const known = this.#currentPlan().byId.get(leaf.id);
    if (!known || known.storage !== leaf.storage) {
      throw new ContractError('leaf-unknown', {
        asked: `Update "${leaf.id}"`,
        found: 'it takes no gradient under the tie map in force',
        todo: 'Make a new binding after every decision',
      });
    }
    for (const tensor of [value.parameter, value.m, value.v]) {
      if (tensor.shape.join() === known.spec.shape.join() && !tensor.isDisposed) continue;
      throw new ContractError('leaf-shape', {
        asked: `Update "${leaf.id}" of shape [${known.spec.shape.join(', ')}]`,
        found: tensor.isDisposed ? 'a tensor is disposed' : `a tensor has shape [${tensor.shape.join(', ')}]`,
        todo: 'Give parameter, m and v in the shape of the leaf',
      });
    }
    this.#clones.drop(`leaf ${leaf.id}`);
    this.#clones.drop(`frozen ${leaf.storage}`);
    this.#store.setWeight(known.storage, value.parameter);
    this.#store.setMoments(known.id, value);
  }

  /** The weight as it is now, after updates of other leaves that share it. Owned by the registry. */
  storageOf(leaf: Pick<Leaf, 'storage'>): tf.Tensor {
    this.#ready();
    return this.#weight(leaf.storage);
  }

  /** The weights as they are now, for inference. */
  view(): ParameterView {
    const layout = this.#ready();
    const specs = new Map(this.#parameters.blocks.map((spec) => [spec.name, spec]));
    return {
      global: (name) => this.#weight(name),
      block: (layer, name) => {
        const spec = specs.get(name);
        if (!spec || !(layer >= 0 && layer < layout.layers))
          throw unknownParameter(`${name} of layer ${layer}`);
        return this.#weight(this.model.blockParameterName(layout.storage(componentOf(spec), layer), name));
      },
    };
  }

  /** Weight storages that exist, per component. */
  distinctStorages(): Record<string, number> {
    return { ...this.ledger(1, 1).distinctStorages };
  }

  /** @param batch rows of a training batch @param context tokens of a row */
  ledger(batch: number, context: number): Ledger {
    const momentSize = this.#store.momentSize();
    return ledgerOf(
      {
        model: this.model,
        parameters: this.#parameters,
        layout: this.#ready(),
        detached: this.#detached,
        momentSize,
      },
      batch,
      context,
    );
  }

  /** Every storage once, under the full name of its first layer, and the tie maps as metadata. */
  exportWeights(): SafetensorsFile {
    const layout = this.#ready();
    const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const { name, storage } of storagesOf(this.model, this.#parameters, layout)) {
      const tensor = this.#weight(storage);
      tensors.set(name, { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) });
    }
    const maps = Object.fromEntries(layout.components.map((one) => [one, layout.tieMapOf(one)]));
    return { tensors, metadata: tieMapMetadata(layout.tieMap(), maps) };
  }

  /**
   * Takes on the weights and tie maps of a file, in place of all that the registry held; moments start afresh.
   * Without tie maps in the metadata every layer must be there. Nothing changes when it throws.
   *
   * @throws InputError (`tie-map-invalid`, `weight-missing`, `weight-shape`, `weight-superfluous`) when the maps
   *   disagree with the tensors or with the model
   */
  importWeights(file: WeightsFile): void {
    if (this.#disposed) throw unusable('disposed', this.model.name);
    const layout = this.#newLayout();
    layout.load(readTieMaps(file.metadata, layout, this.options.components));
    this.#takeFile(layout, file);
  }

  /**
   * Everything but the weights, which `exportWeights` gives: layout (under `official` with the action log and the
   * alias pointers), all moments with their step counts, kept ones of positions without a block included.
   */
  snapshot(): Snapshot {
    const layout = this.#ready();
    return registryState(this.options.profile, layout, [...this.#specs.keys()], this.#store);
  }

  /**
   * Takes on a snapshot and the weights that were exported with it, in place of all that the registry held (it may
   * be one that was never initialized). Nothing changes when it throws.
   *
   * @throws ContractError (`registry-state-mismatch`) when the snapshot fits neither this model and these options
   *   nor the tie maps of the weights
   * @throws InputError (`weight-missing`, `weight-shape`, `weight-superfluous`)
   */
  restore(snapshot: Snapshot, weights: WeightsFile): void {
    if (this.#disposed) throw unusable('disposed', this.model.name);
    const layout = this.#newLayout();
    const moments = readRegistryState(snapshot, this.options.profile, layout, this.#specs);
    assertSameMaps(layout, weights.metadata);
    this.#takeFile(layout, weights, moments);
  }

  /** Frees every weight and moment; the registry is unusable afterwards. May be called twice. */
  dispose(): void {
    this.#clones.dropAll();
    this.#store.dispose();
    this.#layout = undefined;
    this.#plan = undefined;
    this.#disposed = true;
  }

  #takeFile(layout: Layout, file: WeightsFile, moments?: readonly SavedMoments[]): void {
    const expected = new Set([...storagesOf(this.model, this.#parameters, layout)].map(({ name }) => name));
    assertKnownWeights(
      file.tensors,
      expected,
      "it is no parameter of the model, or the file's tie map gives this layer another layer's block",
    );
    this.#take(layout, ({ name, spec }) => weightFrom(file.tensors, name, spec), moments);
  }

  /** Puts a layout with new weights in place of what there was; changes nothing when `make` throws. */
  #take(layout: Layout, make: (storage: NamedStorage) => tf.Tensor, moments?: readonly SavedMoments[]): void {
    this.#store.refill(storagesOf(this.model, this.#parameters, layout), make, moments);
    this.#clones.dropAll();
    this.#layout = layout;
    this.#plan = undefined;
  }

  readonly #sample = (name: string, spec: ParameterSpec): tf.Tensor =>
    sampleWeight(spec, () => this.streams.stream(`initialization/${name}`));

  get #detached(): boolean {
    return this.options.profile === 'official' || this.options.gradient === 'source-only';
  }

  #newLayout(initial?: TieMap): Layout {
    const { layers } = this.model;
    const { components } = this.#parameters;
    return this.options.profile === 'official'
      ? new OfficialLayout(layers, components)
      : new CleanLayout(layers, components, this.options.components, this.options, initial);
  }

  #ready(): Layout {
    if (!this.#layout) throw unusable(this.#disposed ? 'disposed' : 'empty', this.model.name);
    return this.#layout;
  }

  #change(layout: Layout, edit: () => readonly StorageEdit[]): TieChange {
    const previous = layout.tieMap();
    const before = layout.state();
    const context = {
      store: this.#store,
      model: this.model,
      parameters: this.#parameters,
      options: this.options,
      sample: this.#sample,
    };
    for (const one of edit()) carryOut(one, context);
    this.#clones.dropAll();
    this.#plan = undefined;
    const state = layout.state();
    const changed = state.flatMap((source, layer) => (source === before[layer] ? [] : [layer]));
    const untied = changed.filter((layer) => state[layer] === layer).length;
    return { previous, tieMap: layout.tieMap(), state, tied: changed.length - untied, untied };
  }

  #currentPlan(): BindingPlan {
    const layout = this.#ready();
    this.#plan ??= planBinding(this.model, this.#parameters, layout, this.options.gradient, this.#detached);
    return this.#plan;
  }

  #leaf(plan: LeafPlan): Leaf {
    const { id, storage, spec, uses } = plan;
    const moments = this.#store.moments(id);
    return {
      id,
      storage,
      name: id,
      spec,
      uses,
      tensor: plan.alias ? this.#clones.make(`leaf ${id}`, this.#weight(storage)) : this.#weight(storage),
      ...(moments && { moments }),
    };
  }

  #weight(name: string): tf.Tensor {
    const weight = this.#store.weight(name);
    if (!weight) throw unknownParameter(name);
    return weight;
  }
}
