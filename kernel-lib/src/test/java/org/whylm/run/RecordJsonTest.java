package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordJsonTest {

    private record Result(String task, double loss, List<Integer> predictions) {}

    private static final Result RESULT = new Result("movies", 1.25e-7, List.of(0, 1, 1));

    @TempDir
    Path folder;

    /** Every bit of a kept result: another number is noticed, whichever. */
    @Test
    void aKeptResultThatWasChangedIsNoResult() throws IOException {
        var file = folder.resolve("result.json");
        RecordJson.keep(file, RESULT);
        assertEquals(RESULT, RecordJson.kept(file, Result.class));
        var sound = Files.readAllBytes(file);
        for (int at = 0; at < sound.length; at++) {
            var damaged = sound.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            try {
                assertEquals(RESULT, RecordJson.kept(file, Result.class), "only blanks may differ");
            } catch (IllegalArgumentException | IoFailure e) {
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            }
        }
    }

    @Test
    void whatWasWrittenBeforeThereWereChecksumsIsRead() {
        var file = folder.resolve("result.json");
        RecordJson.write(file, RESULT);
        assertEquals(RESULT, RecordJson.kept(file, Result.class));
        RecordJson.write(file, List.of(RESULT));
        assertThrows(IllegalArgumentException.class, () -> RecordJson.kept(file, Result.class));
    }

    private enum Kind {
        FIRST,
        SECOND
    }

    private record Chosen(Kind kind) {}

    @Test
    void aConstantIsReadByItsName() throws IOException {
        var file = folder.resolve("chosen.json");
        RecordJson.write(file, new Chosen(Kind.SECOND));
        assertEquals(new Chosen(Kind.SECOND), RecordJson.read(file, Chosen.class));
        Files.writeString(file, "{\"kind\": \"THIRD\"}");
        var failure = assertThrows(IllegalArgumentException.class, () -> RecordJson.read(file, Chosen.class));
        assertTrue(failure.getMessage().contains("kind: expected one of [FIRST, SECOND]"), failure.getMessage());
    }
}
