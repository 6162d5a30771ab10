package org.whylm.train;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.whylm.lm.Dropout;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;
import org.whylm.run.Sha256;

/**
 * A training run of a whole model that is looked at on its way: {@code Φ} and {@code f} at chosen contexts, after chosen numbers of
 * updates. Each run has a folder named after all that it depends on, and is only read once it is complete; one that was interrupted
 * starts again.
 *
 * <p>A run is made in double precision, on one thread of the engine: training makes much of rounding, which is another on another processor
 * or with another number of threads. A run that is stable ends at nearly the same model there; in single precision some ended at others.
 */
public final class ObservedRun {

    /** Raised whenever the same inputs would give another result than before. */
    private static final int CODE_VERSION = 2;

    private static final DataType PRECISION = DataType.FLOAT64;
    private static final int BLOCK = 256;
    private static final String OBSERVATION = "observed-%06d.safetensors";
    private static final String PHI = "phi";
    private static final String F = "f";

    private final Path folder;
    private final TrainableModel model;
    private final OutputLayer output;
    private final TrainingConfig config;
    private final TokenStream data;
    private final List<int[]> contexts;
    private final List<Integer> updates;

    /**
     * @param runs folder of all runs
     * @param model a whole model, of {@link TrainableModel#gpt2}
     * @param contexts token ids; {@code f} is read at the last token of each
     * @param updates after how many updates, rising; the last ends the run
     * @throws IllegalArgumentException if the settings have dropout
     */
    public ObservedRun(
            Path runs,
            TrainableModel model,
            OutputLayer output,
            TrainingConfig config,
            TokenStream data,
            List<int[]> contexts,
            List<Integer> updates) {
        if (config.dropout() != 0) {
            throw new IllegalArgumentException("dropout is " + config.dropout()
                    + ": on a GPU the engine draws for all runs at a time, and none could be repeated; set it to 0");
        }
        this.model = model;
        this.output = output;
        this.config = config;
        this.data = data;
        this.contexts = contexts;
        this.updates = updates;
        folder = runs.resolve(key().substring(0, 16));
    }

    /**
     * The model after some updates.
     *
     * @param updates how many
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param f {@code S×d}
     */
    public record Observation(int updates, float[][] phi, float[][] f) {}

    /**
     * Trains, or reads what an earlier call has trained.
     *
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted
     */
    public List<Observation> observe() {
        var isComplete = Files.isRegularFile(file(updates.get(updates.size() - 1)));
        return isComplete ? read() : Engine.onOneThread(this::train);
    }

    private List<Observation> train() {
        try (var trainer = Trainer.start(model, output, config, data, PRECISION)) {
            for (int step : updates) {
                trainer.run(step);
                write(trainer);
            }
        }
        return read();
    }

    private List<Observation> read() {
        return updates.stream().map(this::read).toList();
    }

    private void write(Trainer trainer) {
        var parameters = trainer.parameters();
        var phi = parameters.get(TrainableModel.OUTPUT_EMBEDDINGS);
        var f = f(parameters);
        long d = model.dimension();
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put(PHI, new long[] {phi.length / d, d});
        shapes.put(F, new long[] {contexts.size(), d});
        SafetensorsWriter.write(file(trainer.step()), shapes, Map.of(PHI, phi, F, f)::get);
    }

    /** {@code f} at the last token of each context, {@code S×d} row-major. */
    private float[] f(Map<String, float[]> parameters) {
        int d = model.dimension();
        var lengths = contexts.stream().mapToInt(context -> context.length).toArray();
        var texts = new LabelledTexts(new Sequences.Tokens(contexts::get), lengths, new int[lengths.length]);
        var f = new float[contexts.size() * d];
        for (int from = 0; from < contexts.size(); from += BLOCK) {
            var block = IntStream.range(from, Math.min(contexts.size(), from + BLOCK))
                    .toArray();
            var batch = Batch.of(texts, block);
            try (var arrays = new Parameters(model.parameters(), parameters, List.of(), PRECISION);
                    var scope = arrays.scope()) {
                var rows = batch.select(model.f(batch.input().apply(scope), arrays.constants(scope), Dropout.NONE));
                System.arraycopy(rows.toType(DataType.FLOAT32, false).toFloatArray(), 0, f, from * d, block.length * d);
            }
        }
        return f;
    }

    private Observation read(int step) {
        try (var saved = Safetensors.open(file(step))) {
            return new Observation(step, rows(saved, PHI), rows(saved, F));
        }
    }

    private float[][] rows(Safetensors saved, String name) {
        return Matrices.rows(saved.values(name), model.dimension());
    }

    private Path file(int step) {
        return folder.resolve(String.format(Locale.ROOT, OBSERVATION, step));
    }

    /** SHA-256 of all that the observations depend on. */
    private String key() {
        var digest = Sha256.digest();
        var run = List.of(model.json(), config, data.sha256(), updates, PRECISION, CODE_VERSION);
        digest.update(run.toString().getBytes(StandardCharsets.UTF_8));
        if (output instanceof OutputLayer.Learned learned) {
            digest.update(Sha256.bytes(new float[] {(float) learned.scale()}));
        } else {
            for (var row : ((OutputLayer.Fixed) output).phi()) {
                digest.update(Sha256.bytes(row));
            }
        }
        contexts.forEach(context -> {
            var buffer = ByteBuffer.allocate((context.length + 1) * Integer.BYTES);
            buffer.asIntBuffer().put(context.length).put(context);
            digest.update(buffer.array());
        });
        return HexFormat.of().formatHex(digest.digest());
    }
}
