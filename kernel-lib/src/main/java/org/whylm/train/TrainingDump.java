package org.whylm.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.run.Engine;
import org.whylm.run.RecordJson;

/**
 * All that another implementation needs to repeat a run, and the losses to compare with: {@code initial.safetensors} (the
 * parameters before the first update), {@code run.json} (the model, the settings, the batches in order) and {@code losses.json}.
 */
public final class TrainingDump {

    private static final String PHI = TrainableModel.OUTPUT_EMBEDDINGS;

    /**
     * @param ids what each example reads, {@code B×L}
     * @param words the next word at each position, {@code B×L}
     */
    private record Examples(long[] ids, int[] words, long[] shape) {}

    /**
     * @param phi whether {@code Φ} is {@code learned} or {@code fixed}
     * @param frequencies of the next words in the whole data, {@code V}
     */
    private record Run(
            Map<String, Object> model,
            TrainingConfig training,
            String phi,
            long[] frequencies,
            List<Examples> batches) {}

    private TrainingDump() {}

    /**
     * Trains, and writes the run.
     *
     * @param directory created if it is not there
     * @return the losses
     * @throws IllegalArgumentException if the settings have dropout, which no other implementation would draw alike
     */
    public static List<Double> write(
            Path directory, TrainableModel model, OutputLayer output, TrainingConfig config, TokenStream data) {
        if (config.dropout() != 0) {
            throw new IllegalArgumentException(
                    "dropout is " + config.dropout() + ": a run can be repeated elsewhere only without");
        }
        var initial = new LinkedHashMap<>(model.initial(config.seed()));
        if (output instanceof OutputLayer.Fixed fixed) {
            initial.put(PHI, NextWordHead.rowMajor(fixed.phi(), model.dimension()));
        }
        SafetensorsWriter.write(directory.resolve("initial.safetensors"), model.parameters(), initial::get);

        int vocabulary = initial.get(PHI).length / model.dimension();
        RecordJson.write(
                directory.resolve("run.json"),
                new Run(
                        model.json().orElseThrow(),
                        config,
                        output instanceof OutputLayer.Learned ? "learned" : "fixed",
                        data.frequencies(vocabulary),
                        batches(config, data)));
        try (var trainer = Trainer.start(model, output, config, data)) {
            trainer.run();
            RecordJson.write(directory.resolve("losses.json"), trainer.losses());
            return List.copyOf(trainer.losses());
        }
    }

    private static List<Examples> batches(TrainingConfig config, TokenStream data) {
        var order = new ExampleOrder(data.size(), data::length, config.batch(), config.seed());
        var batches = new ArrayList<Examples>();
        try (var scope = Engine.newManager()) {
            for (int step = 0; step < config.steps(); step++) {
                var batch = Batch.of(data, order.examples(step));
                var ids = batch.input().apply(scope);
                batches.add(new Examples(
                        ids.toLongArray(), batch.targets(), ids.getShape().getShape()));
            }
        }
        return batches;
    }
}
