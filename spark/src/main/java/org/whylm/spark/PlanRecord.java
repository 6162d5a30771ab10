package org.whylm.spark;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.whylm.features.ExtractionPlan;
import org.whylm.features.FeatureStore;

/** A plan as lines of tab-separated values: which text is read in which batch, and for the folders of which keys. */
final class PlanRecord {

    private static final String HEADER = "shard\tbatch\ttokens\ttext\tfolders";

    private PlanRecord() {}

    static List<String> lines(ExtractionPlan plan) {
        var lines = new ArrayList<>(List.of(HEADER));
        for (var shard : plan.shards()) {
            for (int batch = 0; batch < shard.batches().size(); batch++) {
                for (var pass : shard.batches().get(batch)) {
                    var folders =
                            pass.keys().stream().map(FeatureStore.Key::folder).toList();
                    lines.add(String.join(
                            "\t",
                            Integer.toString(shard.index()),
                            Integer.toString(batch),
                            Integer.toString(pass.ids().length),
                            pass.hash(),
                            String.join(" ", folders)));
                }
            }
        }
        return lines;
    }

    /** The features that the store lacked when the plan was made; those of lines that are damaged are left out. */
    static Set<String> lacking(List<String> lines) {
        var features = new HashSet<String>();
        for (var line : lines) {
            var fields = line.split("\t");
            if (fields.length == HEADER.split("\t").length) {
                for (var folder : fields[4].split(" ")) {
                    features.add(folder + " " + fields[3]);
                }
            }
        }
        return features;
    }

    static String feature(FeatureStore.Key key, String hash) {
        return key.folder() + " " + hash;
    }
}
