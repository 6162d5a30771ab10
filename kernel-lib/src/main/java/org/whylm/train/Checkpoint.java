package org.whylm.train;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.weights.SafetensorsWriter;

/** A trained model as a Hugging Face directory: {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}. */
final class Checkpoint {

    private Checkpoint() {}

    static void write(Path directory, TrainableModel model, Map<String, float[]> parameters, Tokenizer tokenizer) {
        writeJson(directory.resolve("config.json"), model.json());
        tokenizer.write(directory);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), model.parameters(), parameters::get);
    }

    /** Writes under a temporary name and moves. */
    static void writeJson(Path file, Object value) {
        try {
            Files.createDirectories(file.getParent());
            var partial =
                    Files.createTempFile(file.getParent(), file.getFileName().toString(), ".partial");
            Files.writeString(partial, new Gson().toJson(value) + "\n");
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
