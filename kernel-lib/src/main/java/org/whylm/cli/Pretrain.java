package org.whylm.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.whylm.data.DatasetCatalog;
import org.whylm.lm.LanguageModels;
import org.whylm.run.Profile;
import org.whylm.train.FromScratchSettings;
import org.whylm.train.Pretraining;
import org.whylm.train.PretrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whylm pretrain}: the training runs of Table 2, which take longer than a notebook should. */
@Command(
        name = "pretrain",
        description = "Trains the profile's small GPT-2s from scratch, from each of its seeds, each from where it was "
                + "interrupted; the notebooks then find them trained.")
final class Pretrain extends Subcommand {

    @Parameters(
            arity = "0..*",
            paramLabel = "RUN",
            description =
                    "cross-entropy, quad-fixed, quad-pretrained or quad-learned; all of the profile's, if none is named.")
    private List<String> runs;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Trains from this seed of the profile's only, as where each runs on a machine of its own.")
    private Long seed;

    @Override
    public Integer call() {
        var profile = Profile.current();
        var settings = profile.settings(FromScratchSettings.class);
        var named = runs == null ? settings.runs() : runs;
        if (named.isEmpty()) {
            throw usage(
                    "The profile " + profile.name() + " trains no model from scratch: name a RUN, or another PROFILE");
        }
        var chosen = named.stream().map(PretrainingRun::of).toList();
        long first = profile.seed(), end = first + settings.seeds();
        if (seed != null && (seed < first || seed >= end)) {
            throw usage("--seed is " + seed + ": the seeds of the profile " + profile.name() + " are " + first + " to "
                    + (end - 1));
        }
        try (var model = LanguageModels.load(profile.model())) {
            var pretraining = Pretraining.of(profile, DatasetCatalog.load(), model);
            var seeds = seed == null ? LongStream.range(first, end) : LongStream.of(seed);
            seeds.forEach(each -> chosen.forEach(run -> train(pretraining.withSeed(each), run, each)));
        }
        return 0;
    }

    private void train(Pretraining pretraining, PretrainingRun run, long seed) {
        for (var checkpoint : pretraining.train(run)) {
            out().printf(
                            Locale.ROOT,
                            "%s from seed %d after %,d updates: held-out loss %.4f%n",
                            run.id(),
                            seed,
                            checkpoint.updates(),
                            checkpoint.heldOutLoss());
        }
    }
}
