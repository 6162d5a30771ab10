package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a command prints arrives, or the command fails; data in it are data. */
class OutputTest {

    private static final String MODEL = "src/test/resources/fixtures/tiny-gpt2";

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(OutputStream out, String... arguments) {
        return Whylm.run(Whylm.commandLine(arguments).setOut(Whylm.writer(out)).setErr(Whylm.writer(err)), arguments);
    }

    /** Stands for {@code /dev/full}. */
    private static final class Full extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("No space left on device");
        }
    }

    @Test
    void outputThatCannotBeWrittenIsAFailure() {
        for (var arguments : new String[][] {{"--help"}, {"inspect", "--model", MODEL, "x"}}) {
            err.reset();
            assertEquals(1, run(new Full(), arguments));
            assertTrue(err.toString(StandardCharsets.UTF_8).contains("could not be written"), err.toString());
        }
    }

    @Test
    void aTerminalObeysNothingInATextAndJsonMeansTheSame() {
        var text = "a\u001b[31mb \u202egnp.exe\u202c \u009bc\r\u007f é";
        var out = new ByteArrayOutputStream();
        assertEquals(0, run(out, "inspect", "--model", MODEL, text));
        var shown = out.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("a\\u001b[31mb \\u202egnp.exe\\u202c \\u009bc\\u000d\\u007f é"), shown);
        assertTrue(shown.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n'), shown);
        out.reset();
        assertEquals(0, run(out, "inspect", "--json", "--model", MODEL, text));
        var json = new Gson().fromJson(out.toString(StandardCharsets.UTF_8), java.util.Map.class);
        assertEquals(text, json.get("text"));
    }
}
