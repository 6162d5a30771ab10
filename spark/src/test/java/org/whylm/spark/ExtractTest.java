package org.whylm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, with addresses of a file system that is not the default one. */
class ExtractTest {

    private static final Map<String, String> SETTINGS = Map.of(
            "spark.master", "local[2]",
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1",
            "spark.hadoop.fs.flaky.impl", FlakyFileSystem.class.getName());

    @TempDir
    private Path folder;

    private final StringWriter printed = new StringWriter();

    @BeforeEach
    void set() {
        SETTINGS.forEach(System::setProperty);
    }

    @AfterEach
    void clear() {
        SETTINGS.keySet().forEach(System::clearProperty);
    }

    private int extract(String... arguments) {
        var writer = new PrintWriter(printed, true);
        return Extract.command().setOut(writer).setErr(writer).execute(arguments);
    }

    @Test
    void aSweepOverListsOfModelsAndDataIsOneJob() throws Exception {
        var texts = Stores.texts(400);
        var plain = Stores.csv(folder.resolve("plain.csv"), texts.subList(0, 150));
        var zipped = folder.resolve("zipped.csv.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            Files.copy(Stores.csv(folder.resolve("rest.csv"), texts.subList(150, 400)), out);
        }
        var llama = Stores.TINY.resolveSibling("tiny-llama-tied");
        var models = Files.writeString(folder.resolve("models.txt"), Stores.TINY + "\nflaky://" + llama + "\n\n");
        var data = Files.writeString(folder.resolve("data.txt"), plain + "\nflaky://" + zipped + "\n");

        var store = folder.resolve("store");
        int code = extract(
                "extract",
                "--models",
                "" + models,
                "--data",
                "" + data,
                "--prompt",
                " It is",
                "--store",
                "flaky://" + store);
        assertEquals(0, code, printed.toString());
        assertTrue(printed.toString().contains("400 texts, 2 models"), printed.toString());
        var expected = new TreeMap<>(Stores.local(folder.resolve("local"), "" + Stores.TINY, texts, " It is"));
        expected.putAll(Stores.local(folder.resolve("local"), "" + llama, texts, " It is"));
        assertEquals(expected, Stores.content(store));
    }

    @Test
    void whatIsNotThereIsSaidInOneLine() throws Exception {
        var data = Stores.csv(folder.resolve("texts.csv"), Stores.texts(3)).toString();
        var model = Stores.TINY.toString();
        for (var arguments : new String[][] {
            {"extract", "--model", model, "--data", folder + "/none.csv"},
            {"extract", "--model", folder + "/none", "--data", data},
            {"extract", "--model", "flaky://" + folder + "/none", "--data", data},
            {"extract", "--model", model, "--data", data, "--store", "nowhere://host/store"},
            {"extract", "--model", model, "--data", data, "--prefixes", "0", "--store", folder + "/store"},
        }) {
            printed.getBuffer().setLength(0);
            assertEquals(1, extract(arguments), printed.toString());
            assertEquals(1, printed.toString().lines().count(), printed.toString());
            assertTrue(printed.toString().startsWith("whylm-spark: "), printed.toString());
        }
    }
}
