/**
 * Owns every weight of a model and what its optimizer keeps of each, resolves which layer uses which block, and is the
 * only way to change either. See `Layout` for what a decision means; here the tensors follow.
 */
import type * as tf from '@tensorflow/tfjs-core';
import {
  assertTieMap,
  ContractError,
  type Decision,
  type Ledger,
  type ModelCost,
  type ParameterSpec,
  type ParameterView,
  type RandomStreams,
  type Snapshot,
  type Stack,
  type TieMap,
  type WeightsFile,
} from '@ligature/core';
import { CleanLayout } from '../layout/clean-layout.js';
import type { Layout, StorageEdit } from '../layout/layout.js';
import { OfficialLayout } from '../layout/official-layout.js';
import type { SafetensorsFile } from '../safetensors/types.js';
import type { SharingOptions } from '../sharing-options.js';
import { bindingView, unknownParameter, type Binding, type Leaf } from './binding.js';
import { planBinding, type BindingPlan, type LeafPlan } from './binding-plan.js';
import { assertTie, wholeBlocks } from './assert-tie.js';
import { assertComponents, blockParameters, type BlockParameters } from './block-parameters.js';
import { carryOut } from './carry-out.js';
import { Clones } from './clones.js';
import { frozenNames } from './frozen-names.js';
import { distinctStorages, ledgerOf } from './ledger.js';
import { resolveOptions } from './resolve-options.js';
import { assertSameMaps, readRegistryState, registryState, type SavedSlots } from './registry-state.js';
import { stepFactor } from './step-factor.js';
import { TensorStore, type SlotState } from './tensor-store.js';
import { unusable } from './unusable.js';
import { exportedWeights, readTieMaps } from './weights-file.js';
import { assertKnownWeights, sampleWeight, weightFrom, type NamedWeights } from './weights.js';
import { Wiring, type NamedStorage } from './wiring.js';

/** What a change did. */
export interface TieChange {
  readonly previous: TieMap;
  readonly tieMap: TieMap;
  readonly state: readonly number[];
  /**
   * Layers whose entry in the state (of a change of one component: in its map) now points at another layer than before,
   * and not at themselves.
   */
  readonly tied: number;
  /** Those whose entry now points at themselves. */
  readonly untied: number;
}

/** The result of one optimizer update of one leaf. */
export interface LeafUpdate extends SlotState {
  readonly parameter: tf.Tensor;
}

export class WeightRegistry {
  readonly options: SharingOptions;
  readonly #parameters: BlockParameters;
  readonly #frozen: ReadonlySet<string>;
  readonly #store = new TensorStore();
  /** Of the current binding, by `leaf <id>` or `frozen <storage>`. */
  readonly #clones = new Clones();
  #wiring: Wiring | undefined;
  #plan: BindingPlan | undefined;
  #disposed = false;

  /**
   * Makes no tensor yet; call `initialize`, `importWeights` or `restore` next.
   *
   * @throws InputError (`component-unknown`, `freeze-unmatched`, `sharing-options-invalid`)
   */
  constructor(
    readonly stack: Stack,
    private readonly streams: RandomStreams,
    options: Partial<SharingOptions> = {},
  ) {
    this.#parameters = blockParameters(stack);
    this.options = resolveOptions(options, this.#parameters.components);
    this.#frozen = frozenNames(this.#parameters.specs, this.options.freeze);
  }

  /**
   * Makes every weight. Those that are sampled come from one random stream per full parameter name
   * (`initialization/<name>`), so that equal seeds give equal weights whatever the map.
   *
   * @param initial the map before the first step; left out: every layer independent, or, under `official`, the
   *   official start (all frozen but layer 0, state all zeros)
   * @param weights values by full name instead of sampled ones; must hold every independent layer's, those of tied
   *   layers are not read. Copied.
   * @throws InputError (`tie-map-invalid`, `weight-missing`, `weight-shape`, `weight-superfluous`)
   */
  initialize(initial?: TieMap, weights?: NamedWeights): void {
    if (this.#disposed) throw unusable('disposed', this.stack.name);
    if (this.#wiring) {
      throw new ContractError('registry-initialized', {
        asked: 'Initialize the registry',
        found: 'it holds weights already',
        todo: 'Initialize once, or import weights to replace them',
      });
    }
    if (initial) assertTieMap(initial, this.stack.layers);
    if (weights) {
      const known = new Set(this.#parameters.specs.keys());
      assertKnownWeights(weights, known, 'the model has no parameter of that name');
    }
    const wiring = this.#newWiring(this.options.profile === 'clean' ? initial : undefined);
    if (wiring.layout instanceof OfficialLayout && initial) wiring.layout.setMap(initial);
    this.#take(wiring, ({ storage, spec }) =>
      weights ? weightFrom(weights, storage, spec) : this.#sample(storage, spec),
    );
  }

  /** Canonical: which layers truly share every governed component. */
  get tieMap(): TieMap {
    return this.#ready().layout.tieMap();
  }

  /** What a learner sees: the tie map, or the action log under `official`. */
  get state(): readonly number[] {
    return this.#ready().layout.state();
  }

  tieMapOf(component: string): TieMap {
    assertComponents([component], this.#parameters.components);
    return this.#ready().layout.tieMapOf(component);
  }

  /** Components that a change may concern alone; none under `official`, which ties whole blocks. */
  get decidable(): readonly string[] {
    const { components, profile } = this.options;
    return profile === 'official' && components.length > 1 ? [] : components;
  }

  /** The canonical map of every governed component. */
  get tieMaps(): Readonly<Record<string, TieMap>> {
    const { layout } = this.#ready();
    return Object.fromEntries(this.options.components.map((one) => [one, layout.tieMapOf(one)]));
  }

  /** @throws InputError (`tie-map-invalid`, `component-unknown`) for a decision that is none; nothing has changed then */
  apply(decision: Decision): TieChange {
    const { layout } = this.#ready();
    if (decision.kind === 'keep') return this.#change(() => []);
    const { component } = decision;
    if (decision.kind === 'layer') return this.tie(decision.layer, decision.source, component);
    assertTieMap(decision.tieMap, this.stack.layers);
    const components = this.#concerned(component);
    return this.#change(() => layout.setMap(decision.tieMap, components), component);
  }

  /**
   * Lets `layer` use the block that `source` uses; with `source === layer`, a block of its own.
   *
   * @param component one governed component; left out: all of them
   * @throws InputError (`tie-map-invalid`, `component-unknown`)
   */
  tie(layer: number, source: number, component?: string): TieChange {
    const { layout } = this.#ready();
    assertTie(layer, source, this.stack.layers);
    const components = this.#concerned(component);
    return this.#change(() => layout.tie(layer, source, components), component);
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
   * Replaces a leaf's weight and optimizer slots by those after an update; takes ownership of all tensors and disposes
   * the old ones. Under `official` aliased leaves update one storage after another, in the order of
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
    for (const tensor of [value.parameter, ...Object.values(value.slots)]) {
      if (tensor.shape.join() === known.spec.shape.join() && !tensor.isDisposed) continue;
      throw new ContractError('leaf-shape', {
        asked: `Update "${leaf.id}" of shape [${known.spec.shape.join(', ')}]`,
        found: tensor.isDisposed ? 'a tensor is disposed' : `a tensor has shape [${tensor.shape.join(', ')}]`,
        todo: 'Give the parameter and every slot in the shape of the leaf',
      });
    }
    this.#clones.drop(`leaf ${leaf.id}`);
    this.#clones.drop(`frozen ${leaf.storage}`);
    this.#store.setWeight(known.storage, value.parameter);
    this.#store.setSlots(known.id, value);
  }

  /** The weight as it is now, after updates of other leaves that share it. Owned by the registry. */
  storageOf(leaf: Pick<Leaf, 'storage'>): tf.Tensor {
    this.#ready();
    return this.#weight(leaf.storage);
  }

  /** The weights as they are now, for inference. */
  view(): ParameterView {
    const wiring = this.#ready();
    const specs = new Map(this.#parameters.layered.map((spec) => [spec.name, spec]));
    return {
      global: (name) => this.#weight(name),
      block: (layer, name) => {
        const spec = specs.get(name);
        if (!spec || !(layer >= 0 && layer < this.stack.layers)) {
          throw unknownParameter(`${name} of layer ${layer}`);
        }
        return this.#weight(wiring.storage(spec, layer));
      },
    };
  }

  /** Weight storages that exist, per component. */
  distinctStorages(): Record<string, number> {
    return distinctStorages(this.#ready());
  }

  /** @param cost of the batch that operations and activation bytes are to be counted for */
  ledger(cost: ModelCost): Ledger {
    return ledgerOf(this.#ready(), cost, this.#store.slotSize());
  }

  /** Every storage once, under the full name of its first layer, and the tie maps as metadata. */
  exportWeights(): SafetensorsFile {
    return exportedWeights(this.#ready(), (storage) => this.#weight(storage));
  }

  /**
   * Takes on the weights and tie maps of a file, in place of all that the registry held; optimizer slots
   * start afresh. Names may be spelled as the stack's `fromPublished` knows them.
   * Without tie maps in the metadata every layer must be there. Nothing changes when it throws.
   *
   * @throws InputError (`tie-map-invalid`, `weight-missing`, `weight-shape`, `weight-type`, `weight-superfluous`) when the
   *   maps disagree with the tensors or with the model; what `fromPublished` throws
   */
  importWeights(file: WeightsFile): void {
    if (this.#disposed) throw unusable('disposed', this.stack.name);
    const wiring = this.#newWiring();
    const { layout } = wiring;
    layout.load(readTieMaps(file.metadata, layout, this.options.components));
    this.#takeFile(wiring, this.stack.fromPublished?.(file) ?? file);
  }

  /**
   * Everything but the weights, which `exportWeights` gives: layout (under `official` with the action log and the
   * alias pointers), all optimizer slots with their step counts, kept ones of positions without a block included.
   */
  snapshot(): Snapshot {
    return registryState(this.options.profile, this.#ready(), this.#store);
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
    if (this.#disposed) throw unusable('disposed', this.stack.name);
    const wiring = this.#newWiring();
    const slots = readRegistryState(snapshot, this.options.profile, wiring);
    assertSameMaps(wiring.layout, weights.metadata);
    this.#takeFile(wiring, weights, slots);
  }

  /** Frees every weight and slot; the registry is unusable afterwards. May be called twice. */
  dispose(): void {
    this.#clones.dropAll();
    this.#store.dispose();
    this.#wiring = undefined;
    this.#plan = undefined;
    this.#disposed = true;
  }

  #takeFile(wiring: Wiring, file: WeightsFile, slots?: readonly SavedSlots[]): void {
    const expected = new Set([...wiring.storages()].map(({ name }) => name));
    assertKnownWeights(
      file.tensors,
      expected,
      "it is no parameter of the model, or the file's tie map gives this layer another layer's block",
    );
    this.#take(wiring, ({ name, spec }) => weightFrom(file.tensors, name, spec), slots);
  }

  /** Puts another wiring with new weights in place of what there was; changes nothing when `make` throws. */
  #take(wiring: Wiring, make: (storage: NamedStorage) => tf.Tensor, slots?: readonly SavedSlots[]): void {
    this.#store.refill(wiring.storages(), make, slots);
    this.#clones.dropAll();
    this.#wiring = wiring;
    this.#plan = undefined;
  }

  readonly #sample = (name: string, spec: ParameterSpec): tf.Tensor =>
    sampleWeight(spec, () => this.streams.stream(`initialization/${name}`));

  #newWiring(initial?: TieMap): Wiring {
    const { layers } = this.stack;
    const { components } = this.#parameters;
    const official = this.options.profile === 'official';
    const layout: Layout = official
      ? new OfficialLayout(layers, components)
      : new CleanLayout(layers, components, this.options.components, this.options, initial);
    const detached = official || this.options.gradient === 'source-only';
    return new Wiring(this.stack, this.#parameters, layout, this.#frozen, detached);
  }

  #ready(): Wiring {
    if (!this.#wiring) throw unusable(this.#disposed ? 'disposed' : 'empty', this.stack.name);
    return this.#wiring;
  }

  /** The governed components that a change is about. */
  #concerned(component: string | undefined): readonly string[] {
    if (component === undefined) return this.options.components;
    assertComponents([component], this.options.components);
    if (!this.decidable.includes(component)) throw wholeBlocks(component);
    return [component];
  }

  #change(edit: () => readonly StorageEdit[], component?: string): TieChange {
    const wiring = this.#ready();
    const { layout } = wiring;
    const entries = (): readonly number[] =>
      component === undefined ? layout.state() : layout.tieMapOf(component);
    const previous = layout.tieMap();
    const before = entries();
    const context = { store: this.#store, wiring, options: this.options, sample: this.#sample };
    for (const one of edit()) carryOut(one, context);
    this.#clones.dropAll();
    this.#plan = undefined;
    const after = entries();
    const changed = after.flatMap((source, layer) => (source === before[layer] ? [] : [layer]));
    const untied = changed.filter((layer) => after[layer] === layer).length;
    return {
      previous,
      tieMap: layout.tieMap(),
      state: layout.state(),
      tied: changed.length - untied,
      untied,
    };
  }

  #currentPlan(): BindingPlan {
    const wiring = this.#ready();
    this.#plan ??= planBinding(wiring, this.options.gradient);
    return this.#plan;
  }

  #leaf(plan: LeafPlan): Leaf {
    const { id, storage, spec, uses } = plan;
    const state = this.#store.slots(id);
    return {
      id,
      storage,
      name: id,
      spec,
      uses,
      stepFactor: stepFactor(this.options, uses),
      tensor: plan.alias ? this.#clones.make(`leaf ${id}`, this.#weight(storage)) : this.#weight(storage),
      ...(state && { state }),
    };
  }

  #weight(name: string): tf.Tensor {
    const weight = this.#store.weight(name);
    if (!weight) throw unknownParameter(name);
    return weight;
  }
}
