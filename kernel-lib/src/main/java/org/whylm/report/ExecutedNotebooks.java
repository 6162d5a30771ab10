package org.whylm.report;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.run.StrictJson;
import org.whylm.run.Workspace;

/**
 * The notebooks that a profile's run executed: how long each took, what failed, and which cell made a result.
 *
 * @param folder the notebooks' pages, seen from the report's
 * @param runs by name of the notebook
 */
record ExecutedNotebooks(String folder, Map<String, Run> runs) {

    /**
     * One executed notebook.
     *
     * @param seconds wall time
     * @param megabytes the most memory that the kernel was seen to have; 0 if it was not looked at
     * @param atATime how many notebooks ran beside each other, with it
     * @param failure what failed; empty if nothing did
     * @param cells of code, in order
     */
    record Run(double seconds, int megabytes, int atATime, String failure, List<Cell> cells) {

        /** In a file {@code atATime} may be missing, and {@code failure} is null if nothing failed. */
        Run {
            atATime = Math.max(1, atATime);
            failure = Objects.requireNonNullElse(failure, "");
        }
    }

    /**
     * A code cell.
     *
     * @param id by which the notebook's page names it
     */
    record Cell(String id, String source) {}

    /** A code cell by its number in its notebook, from 0. */
    record Place(String notebook, int cell) {}

    private static final Place LAST = new Place("~", 0);

    /** Those in {@code build/notebooks/PROFILE}, by its {@code timings.json}; none if it is not there. */
    static ExecutedNotebooks load(Workspace workspace, String profile) {
        var folder = workspace.results("notebooks", profile);
        var timings = folder.resolve("timings.json");
        var runs = new LinkedHashMap<String, Run>();
        if (Files.isRegularFile(timings)) {
            StrictJson.readObject(timings).asMap().forEach((name, timing) -> {
                var run = new Gson().fromJson(timing, Run.class);
                var cells = cells(folder.resolve(name + ".ipynb"));
                runs.put(name, new Run(run.seconds(), run.megabytes(), run.atATime(), run.failure(), cells));
            });
        }
        return new ExecutedNotebooks("../../notebooks/" + profile + "/", runs);
    }

    /** Wall time of each, added up. */
    double seconds() {
        return runs.values().stream().mapToDouble(Run::seconds).sum();
    }

    /** How many ran beside each other at most. */
    int atATime() {
        return runs.values().stream().mapToInt(Run::atATime).max().orElse(1);
    }

    /** The most memory that any kernel was seen to have; 0 if none was looked at. */
    int megabytes() {
        return runs.values().stream().mapToInt(Run::megabytes).max().orElse(0);
    }

    /** Link from the report to the first cell that names a result in quotes. */
    Optional<String> link(String result) {
        return place(result).map(this::link);
    }

    /** Link to the cell that decides a claim: the first that names it, else the one from which on the claims are decided. */
    Optional<String> link(Claim claim) {
        return Stream.of('"' + claim.id() + '"', "run.claims()")
                .flatMap(text -> first(claim.notebook(), text).stream())
                .findFirst()
                .map(this::link);
    }

    private String link(Place place) {
        var cell = runs.get(place.notebook()).cells().get(place.cell());
        return folder + place.notebook() + ".html#cell-id=" + cell.id();
    }

    /** The notebook and the cell that made a result. */
    Optional<Place> place(String result) {
        return runs.keySet().stream()
                .sorted()
                .flatMap(notebook -> first(notebook, '"' + result + '"').stream())
                .findFirst();
    }

    private Optional<Place> first(String notebook, String text) {
        var cells = runs.containsKey(notebook) ? runs.get(notebook).cells() : List.<Cell>of();
        return IntStream.range(0, cells.size())
                .filter(cell -> cells.get(cell).source().contains(text))
                .mapToObj(cell -> new Place(notebook, cell))
                .findFirst();
    }

    /** The order of the notebooks and of their cells, which is the paper's; what no cell is known of comes last, by name. */
    List<String> inOrder(List<String> results) {
        var byPlace = Comparator.comparing(Place::notebook).thenComparing(Place::cell);
        return results.stream()
                .sorted(Comparator.comparing((String result) -> place(result).orElse(LAST), byPlace)
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static List<Cell> cells(Path notebook) {
        var cells = new ArrayList<Cell>();
        if (Files.isRegularFile(notebook)) {
            for (var element : StrictJson.readObject(notebook).getAsJsonArray("cells")) {
                var cell = element.getAsJsonObject();
                if (cell.get("cell_type").getAsString().equals("code") && cell.has("id")) {
                    cells.add(new Cell(cell.get("id").getAsString(), source(cell.get("source"))));
                }
            }
        }
        return cells;
    }

    private static String source(JsonElement source) {
        return source.isJsonArray()
                ? source.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsString)
                        .collect(Collectors.joining())
                : source.getAsString();
    }
}
