/** What `--help` shows below the options. */
import type { StudyCommand } from '@ligature/core';

export const MAIN_HELP = `
Examples:
  ligature compare                      five controllers on Moby Dick, a table
  ligature train --controller random    one run
  ligature sweep --vary window=5,10,20  the same training under other settings
  ligature landscape --seeds 5          every tie map of four layers, ranked
  ligature retrain runs/NAME            is the map that it found a good one?
  ligature forked-halving runs/NAME     many maps from one untied run
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
  What is chosen by name may carry options: cycle:blocks=4, sgd:momentum=0.9,
  bpe:vocabularySize=2048, several as in random:mode=fixed:blocks=3, and
  onnxruntime:provider=webgpu computes on a graphics card.
  Flags of a model are what its own options are: --model NAME --help shows those
  of another one, with --plugins where a plug-in brings it.
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
  training and measuring, by the ledger of the tie maps; one may cost less than
  another), or seconds:60 (training and deciding; validations are not counted).
  The learning rate goes by the share that is spent. No run repeats seconds: the
  same seed gives another log.`;

export const TRAIN_HELP = `${SETTINGS}
${BUDGETS}

Examples:
  ligature train --controller q-learning --layers 12 --steps 500
  ligature train --dataset ./my-book.txt --controller 0-0-2-2-4-4-6-6
  ligature train --dataset hf:wikitext/wikitext-2-raw-v1
  ligature train --optimizer sgd:momentum=0.9 --set training.learningRate=0.1
  ligature train --config run.yaml --seed 7 --set training.learningRate=1e-3
  ligature train --config run.ts --print-config`;

/** What the help of a study says below its options. */
export function studyHelp({
  help,
  examples = [],
  configured,
}: Pick<StudyCommand, 'help' | 'examples' | 'configured'>): string {
  return [
    ...(help === undefined ? [] : [`\n${help}`]),
    ...(configured ? [SETTINGS, BUDGETS] : []),
    ...(examples.length > 0 ? [`\nExamples:\n${examples.map((one) => `  ${one}`).join('\n')}`] : []),
  ].join('\n');
}

export const STUDY_HELP = `
A study of a plug-in brings its own flags: name the plug-in with --plugins, and
see them with --help.

Examples:
  ligature study --plugins ./my-study.js
  ligature study my-study --plugins ./my-study.js --seeds 3`;

export const RESUME_HELP = `
The configuration, plug-ins and text are those that the run began with. The
event log goes on where the checkpoint was taken, as if nothing had happened.
A comparison keeps its finished trials, goes on with the one that was stopped,
and runs those that failed or never began. So does every other study; a sweep
grows when --samples or --seeds ask for more than it has. What is finished is
said to be, and none of its files is touched.

Examples:
  ligature resume runs/moby-dick-q-learning-seed-1
  ligature resume runs/compare-moby-dick`;

export const EVALUATE_HELP = `
Examples:
  ligature evaluate runs/moby-dick-q-learning-seed-1
  ligature evaluate runs/moby-dick-q-learning-seed-1 --split validation --json
  ligature evaluate runs/moby-dick-q-learning-seed-1 --round int8
  ligature evaluate runs/comparison-moby-dick --round int8 --csv front.csv

--round int8 rounds every matrix to eight bits, symmetric, with a step for each
output channel (for each row of the embeddings); norms and biases stay float32.
The folder of the run is not changed.`;

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
  ligature plugins gpt2
  ligature plugins --plugins ./my-controller.js`;
