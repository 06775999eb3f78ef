/** What `--help` shows below the options. */

export const MAIN_HELP = `
Examples:
  ligature compare                      five controllers on Moby Dick, a table
  ligature train --controller random    one run
  ligature sweep --vary window=5,10,20  the same training under other settings
  ligature landscape --seeds 5          every tie map of four layers, ranked
  ligature retrain runs/NAME            is the map that it found a good one?
  ligature resume runs/NAME             go on with a run that was stopped
  ligature generate runs/NAME --prompt "Call me"
  ligature report runs/NAME             one HTML file of a run or a comparison
  ligature dashboard                    watch the runs on a page of this machine
  ligature plugins q-learning           what it is and which options it takes
  ligature audit --list                 claims of the paper that can be checked
  ligature doctor                       which backends work here

Exit status: 0 done, 1 failed, 2 bad input, 130 stopped by Ctrl-C.`;

const SETTINGS = `
Names and options:
  A controller, tokenizer or backend may carry options: cycle:blocks=4,
  bpe:vocabularySize=2048, several as in random:mode=fixed:blocks=3, and
  onnxruntime:provider=webgpu computes on a graphics card.
  A tie map stands for itself: --controller 0-0-2-2 ties layer 1 to layer 0 and
  layer 3 to layer 2. \`ligature plugins\` lists names and options.
  Every other field is reached by --set path=value; --print-config shows them.

Configuration files:
  YAML, JSON, TypeScript or JavaScript (export default defineConfig({ … }), with
  defineConfig from "@ligature/cli"). Flags win over the file, the file over the
  defaults. Paths in a file that begin with ./ are relative to the file.`;

const BUDGETS = `
Budget:
  --steps, or --budget in its place: tokens:1e6 (whole steps), flops:1e12 (of
  the training steps, by the ledger of their tie maps; a map may cost less than
  another), or seconds:60 (training and deciding; validations are not counted).
  The learning rate goes by the share that is spent. No run repeats seconds: the
  same seed gives another log.`;

export const TRAIN_HELP = `${SETTINGS}
${BUDGETS}

Examples:
  ligature train --controller q-learning --layers 12 --steps 500
  ligature train --dataset ./my-book.txt --controller 0-0-2-2-4-4-6-6
  ligature train --config run.yaml --seed 7 --set training.learningRate=1e-3
  ligature train --config run.ts --print-config`;

export const COMPARE_HELP = `${SETTINGS}
${BUDGETS}

Side by side:
  --parallel n runs n trials at once, each in a process of its own; auto: as
  many as have a core (or --threads) and fit into memory. Each then computes on
  its share of the cores, unless --threads says otherwise. The number of threads
  changes the last digits, so the plan keeps it, and \`ligature resume\` too.
  Losses stay the same at equal threads; tokens/s and seconds do not.

Examples:
  ligature compare
  ligature compare --controllers none,cycle:blocks=4,q-learning --seeds 3
  ligature compare --seeds 5 --parallel auto --budget tokens:2e5
  ligature compare --dataset sotu --layers 12 --steps 600 --name sotu-12
  ligature compare --controllers none,random --json > comparison.json`;

export const SWEEP_HELP = `
Values of --vary:
  5,10,20           these, one by one; of any field, also names and maps
  0.1..0.9          any number in between; 4..32 of whole numbers stays whole
  0..1:0.25         in steps, so that a grid can count them
  log:1e-4..1e-2    equal ratios are equally likely
  int:1..9          whole numbers alone
  Fields are the paths of --set. controller.epsilon.start is an option of the
  controller; layers, width, window and their like are what their flags set.
  A file says the same below \`sweep:\`, with vary, search, samples, seeds,
  objective, goal and axes.

Objectives:
  validation.nats, .perplexity, .bitsPerByte, .accuracy, the same with test.,
  parameters, independentLayers, tokensPerSecond, trainingSeconds, peakMemory.
${SETTINGS}

Examples:
  ligature sweep --vary window=5,10,20 --vary width=32,64 --seeds 3
  ligature sweep --vary training.learningRate=log:1e-4..1e-2 --samples 30
  ligature sweep --vary controller.epsilon.start=0.1..1 --samples 24 --seeds 3 \\
    --vary tying.gradient=accumulate,mean,source-only
  ligature resume runs/sweep-moby-dick --samples 60`;

export const LANDSCAPE_HELP = `
Maps:
  Every canonical map of the stack is trained, fixed from the first step on:
  15 of 4 layers (the default), 52 of 5, 203 of 6, 877 of 7. --blocks keeps
  those with certain numbers of blocks, --max-maps draws a sample. More than
  1500 trials are refused unless you say --yes.
  --controllers are trained on the same seeds and budget; their regret is what
  they give away against the best fixed maps.
${SETTINGS}

Examples:
  ligature landscape --seeds 5
  ligature landscape --layers 6 --seeds 3 --steps 150 --parallel auto
  ligature landscape --seeds 5 --controllers q-learning,random
  ligature landscape --layers 8 --blocks 4 --max-maps 100 --seeds 3`;

export const RETRAIN_HELP = `
What is trained, on every seed, with the configuration and budget of the run:
  found         its final map, fixed from the first step on
  random …      fixed maps with as many blocks, drawn at random
  continued     the run's model with its optimizer, map frozen, one budget more
  found-long    the final map for as many steps as continued has had in all

Examples:
  ligature retrain runs/moby-dick-q-learning-seed-1
  ligature retrain runs/moby-dick-q-learning-seed-1 --seeds 5 --random-maps 5
  ligature resume runs/retrain-moby-dick-q-learning-seed-1`;

export const AUDIT_HELP = `
Audits:
  storages      distinct weights against logged independent layers, by episode
  random-ratio  independent layers of random actions against the harmonic number
  rewards       share of saturated rewards over a training
  gradients     2 x 2 of gradient mode and untie policy, paired by seed
  memory        parameters, memory and FLOPs as L blocks become 1

Each prints tables and a finding that follows from them, and writes Markdown,
JSON, CSV and a picture. All but random-ratio train: --layers, --seeds and
--steps make them larger or smaller, \`ligature resume\` goes on with one that
was stopped. random-ratio takes --layers 4,12,48, --seeds, --seed and --sweeps.

Examples:
  ligature audit random-ratio
  ligature audit storages --layers 24 --seeds 5
  ligature audit rewards --tokenizer bpe --steps 1000
  ligature audit memory --set tying.gradient=source-only --json`;

export const RESUME_HELP = `
The configuration, plug-ins and text are those that the run began with. The
event log goes on where the checkpoint was taken, as if nothing had happened.
A comparison keeps its finished trials, goes on with the one that was stopped,
and runs those that failed or never began. So does every other study; a sweep
grows when --samples or --seeds ask for more than it has.

Examples:
  ligature resume runs/moby-dick-q-learning-seed-1
  ligature resume runs/compare-moby-dick`;

export const EVALUATE_HELP = `
Examples:
  ligature evaluate runs/moby-dick-q-learning-seed-1
  ligature evaluate runs/moby-dick-q-learning-seed-1 --split validation --json`;

export const GENERATE_HELP = `
Examples:
  ligature generate runs/moby-dick-q-learning-seed-1 --prompt "The whale"
  ligature generate runs/moby-dick-q-learning-seed-1 --tokens 50 --top-k 40`;

export const DASHBOARD_HELP = `
The page is served to this machine only, and asks for nothing from elsewhere.
Runs in comparisons and other studies are found, too; what is trained into the
folder later appears by itself. --json prints the address as JSON. Ctrl-C ends
it.

Examples:
  ligature dashboard
  ligature dashboard runs/compare-moby-dick --open
  ligature dashboard --port 8080`;

export const REPORT_HELP = `
The file needs nothing beside it and asks for nothing from the network: send it,
print it, keep it. train, compare, sweep, landscape and retrain write one by
themselves; this makes it again, also of a run that was stopped.

Examples:
  ligature report runs/moby-dick-q-learning-seed-1 --open
  ligature report runs/compare-moby-dick --out comparison.html`;

export const PLUGINS_HELP = `
Examples:
  ligature plugins
  ligature plugins q-learning
  ligature plugins --plugins ./my-controller.js`;
