package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code whylm task}, from a CSV file to labels of new texts. */
class TaskTest extends Commands {

    private static String text(int i) {
        return (i % 2 == 0 ? "bright film number " : "dull film number ")
                + "seven nine ten two six".split(" ")[i / 2 % 5] + " of "
                + "march april may june july august".split(" ")[i / 10 % 6] + " and " + i;
    }

    @Test
    void aReportKeepsAProbeThatLabelsNewTexts() throws Exception {
        var data = Files.writeString(
                folder.resolve("mine.csv"),
                "id,label,text\n"
                        + IntStream.range(0, 60)
                                .mapToObj(i -> i + "," + (i % 2 == 0 ? "good" : "bad") + "," + text(i))
                                .collect(Collectors.joining("\n"))
                        + "\n");
        var page = folder.resolve("out");
        assertEquals(
                0,
                run(
                        "task",
                        "report",
                        "--data",
                        data.toString(),
                        "--model",
                        MODEL,
                        "--prompt",
                        " It is",
                        "--out",
                        page.toString()),
                err.toString());
        assertTrue(out.toString().contains("index.html"), out.toString());
        assertTrue(Files.size(page.resolve("index.html")) > 10_000);

        out.getBuffer().setLength(0);
        var texts = Files.writeString(folder.resolve("texts.csv"), "text\na bright film\n\"a dull, dull film\"\n");
        var probe = page.resolve("probe").toString();
        assertEquals(0, run("task", "predict", "--probe", probe, texts.toString()), err.toString());
        var lines = out.toString().lines().toList();
        assertEquals("label,probability", lines.get(0));
        assertEquals(3, lines.size());
        assertTrue(lines.get(1).matches("(good|bad),[01]\\.\\d{4}"), lines.get(1));

        out.getBuffer().setLength(0);
        assertEquals(
                0, run("task", "predict", "--probe", probe, "--abstain-below", "1", texts.toString()), err.toString());
        assertTrue(out.toString().lines().skip(1).allMatch(line -> line.startsWith("\"\",0.")), out.toString());

        assertEquals(
                0,
                run("task", "predict", "--probe", probe, "--data", data.toString(), texts.toString()),
                err.toString());
        assertEquals(
                0,
                run("task", "predict", "--probe", page.resolve("words").toString(), "--text", "a bright film"),
                err.toString());
        assertTrue(out.toString().contains(" rather than "), out.toString());
        var typed = folder.resolve("typed.csv");
        var words = page.resolve("words").toString();
        assertEquals(
                0,
                run("task", "predict", "--probe", words, "--text", "a bright film", "--output", typed.toString()),
                err.toString());
        assertTrue(
                Files.readString(typed).matches("label,probability\n(good|bad),[01]\\.\\d{4}\n"), "asked for, written");
        out.getBuffer().setLength(0);
        assertEquals(0, run("task", "predict", "--probe", words, "--text", "a film", "--abstain-below", "1"));
        assertTrue(out.toString().contains("\"\",0."), out.toString());
        assertEquals(2, run("task", "predict", "--probe", probe, "--test", data.toString(), texts.toString()));
        refused("was made from data", "task", "predict", "--probe", probe, "--data", texts(data), texts.toString());
        refused(
                "this one has",
                "task",
                "predict",
                "--probe",
                probe,
                "--model",
                MODEL.replace("tiny-gpt2", "tiny-llama-tied"),
                texts.toString());
        var blank = Files.writeString(folder.resolve("blank.csv"), "text\na bright film\n\"\"\na dull film\n");
        refused("line 3: the text is blank", "task", "predict", "--probe", probe, blank.toString());
        var file = page.resolve("probe").resolve("probe.json");
        Files.writeString(file, Files.readString(file).replace("\"good\"", "\"gone\""));
        refused("was changed or damaged", "task", "predict", "--probe", probe, texts.toString());
        refused("holds no probe.json", "task", "predict", "--probe", folder.toString(), texts.toString());
    }

    /** Other data of the same form. */
    private String texts(Path data) throws Exception {
        return Files.writeString(
                        folder.resolve("other.csv"), Files.readString(data).replace("bright", "light"))
                .toString();
    }

    private void refused(String why, String... arguments) {
        err.getBuffer().setLength(0);
        assertEquals(1, run(arguments));
        assertTrue(err.toString().contains(why), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void wrongUsageSaysWhatIsMissing() throws Exception {
        assertEquals(2, run("task"));
        assertEquals(2, run("task", "report"));
        assertEquals(2, run("task", "predict", "--probe", "x"));
        assertEquals(2, run("task", "predict", "--probe", "x", "--abstain-below", "2", "t.csv"));
        var file = Files.createFile(folder.resolve("file"));
        for (var out : List.of("", " ", file.toString(), file.resolve("below").toString())) {
            assertEquals(2, run("task", "report", "--data", "t.csv", "--out", out), out);
        }
        assertTrue(err.toString().contains(file + " is no folder that can be written to"), err.toString());
        for (var output : List.of("", folder.toString(), file.resolve("below").toString())) {
            assertEquals(2, run("task", "predict", "--probe", "x", "t.csv", "--output", output), output);
        }
        refused(
                "there is no such file",
                "task",
                "report",
                "--data",
                folder.resolve("none.csv").toString());
    }
}
