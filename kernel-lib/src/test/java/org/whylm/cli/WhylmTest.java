package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.whylm.run.Provenance;

/** Usual and unusual command lines, by what they print and how they end. */
class WhylmTest extends Commands {

    private Path csv(String name, String header, String... rows) throws Exception {
        return Files.writeString(
                folder.resolve(name), header + "\n" + String.join("\n", rows) + "\n", StandardCharsets.UTF_8);
    }

    private String[] rows(int n, int rare) {
        return IntStream.range(0, n)
                .mapToObj(i -> (i < rare ? "neutral" : i % 2 == 0 ? "good" : "bad") + ",film number " + i
                        + (i % 2 == 0 ? " is good" : " is bad"))
                .toArray(String[]::new);
    }

    @Test
    void textsAreWhatWasTyped() {
        assertEquals(0, run("inspect", "--json", "--model", MODEL, "@@wow great", "@notes.txt", "--", "-x"));
        var texts = out.toString()
                .lines()
                .map(line -> JsonParser.parseString(line)
                        .getAsJsonObject()
                        .get("text")
                        .getAsString())
                .toList();
        assertEquals(List.of("@@wow great", "@notes.txt", "-x"), texts);
    }

    @Test
    void aDashReadsTextsFromStandardInput() {
        var in = new ByteArrayInputStream("caf\u00e9 \ud83d\ude00\n\n- b\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("a", "caf\u00e9 \ud83d\ude00", "- b"), Inspect.texts(List.of("a", "-"), in));
    }

    @Test
    void anUnknownOptionIsNamed() {
        assertEquals(2, run("probe", "--trian", "a.csv", "--model", MODEL));
        assertTrue(err.toString().startsWith("whylm: Unknown option --trian; there are "), err::toString);
        assertTrue(err.toString().contains("--train"));
    }

    @Test
    void aWrongOrMissingCommandIsAnsweredWithThoseThatThereAre() {
        assertEquals(2, run("prbe"));
        assertEquals(2, run());
        assertEquals(2, run("task", "reprot"));
        assertEquals(2, run("task", "report"));
        var lines = err.toString().lines().toList();
        assertTrue(
                lines.get(0).startsWith("whylm: There is no command prbe; there are list, inspect, probe,"),
                lines.get(0));
        assertTrue(lines.get(0).endsWith(" (see whylm --help)"), lines.get(0));
        assertTrue(lines.get(1).startsWith("whylm: Name one of list, inspect, probe,"), lines.get(1));
        assertEquals(
                "whylm: There is no command reprot; there are report, predict (see whylm task --help)", lines.get(2));
        assertTrue(lines.get(3).endsWith(" (see whylm task report --help)"), lines.get(3));
    }

    @Test
    void aNumberThatMakesNoSenseIsRefusedByItsOption() {
        assertEquals(2, run("inspect", "--model", MODEL, "--top", "-1", "a"));
        assertEquals(
                "whylm: --top -1: give a number of 0 or more (see whylm inspect --help)",
                err.toString().strip());
        assertEquals(2, run("probe", "--model", MODEL, "--train", "a", "--test", "b", "--words", "good,,bad"));
        assertTrue(err.toString().contains("--words has an empty word"), err.toString());
    }

    @Test
    void numbersHaveTheSameDigitsInEveryCountry() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            assertEquals(0, run("inspect", "--model", MODEL, "The film"));
        } finally {
            Locale.setDefault(before);
        }
        assertTrue(out.toString().lines().anyMatch(line -> line.matches("log Z +\\d+\\.\\d{4} nats")), out::toString);
    }

    @Test
    void aRareLabelIsRefusedByItsNameBeforeFeaturesAreRead() throws Exception {
        var data = csv("rare.csv", "label,text", rows(30, 3));
        assertEquals(
                1, run("probe", "--model", "no-such-model", "--train", data.toString(), "--test", data.toString()));
        assertTrue(
                err.toString().startsWith("whylm: " + data + ": the label 'neutral' has 3 training examples"),
                err::toString);
    }

    @Test
    void rowsGoToAFileWithChanceAndPairedDifferences() throws Exception {
        var data = csv(
                "data.csv",
                "id,text,label",
                java.util.Arrays.stream(rows(40, 0))
                        .map(row -> "7," + row.split(",")[1] + "," + row.split(",")[0])
                        .toArray(String[]::new));
        var file = folder.resolve("rows.json");
        assertEquals(
                0,
                run(
                        "probe",
                        "--model",
                        MODEL,
                        "--train",
                        data.toString(),
                        "--test",
                        data.toString(),
                        "--output",
                        file.toString()),
                err::toString);
        assertTrue(err.toString().contains("note: data: 40 of 40 test texts are training texts too"), err::toString);
        var rows = JsonParser.parseString(Files.readString(file)).getAsJsonArray();
        assertEquals(5, rows.size());
        var chance = rows.get(0).getAsJsonObject();
        assertEquals("chance", chance.get("features").getAsString());
        assertEquals(0.5, chance.get("accuracy").getAsDouble());
        var f = rows.get(1).getAsJsonObject();
        var mean = rows.get(3).getAsJsonObject();
        assertEquals("phi_p", mean.get("features").getAsString());
        assertEquals(
                mean.get("accuracy").getAsDouble() - f.get("accuracy").getAsDouble(),
                mean.get("difference").getAsDouble(),
                1e-12);
        assertEquals(1, Provenance.of(file).models().size());
    }

    @Test
    void aMistypedProfileIsNoProfileThatWasNotRun() {
        assertEquals(1, run("across", "--profile", "crossmodel"));
        assertTrue(err.toString().startsWith("whylm: There is no profile crossmodel in "), err::toString);
    }

    @Test
    void listNamesWhatThereIs() {
        assertEquals(0, run("list"));
        for (var name : List.of("smollm2", "gpt2", "movies", "imdb", "quick", "paper")) {
            assertTrue(out.toString().lines().anyMatch(line -> line.startsWith("  " + name + " ")), name);
        }
    }
}
