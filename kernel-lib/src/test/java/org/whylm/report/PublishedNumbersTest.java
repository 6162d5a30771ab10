package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;

/** Made-up numbers: no published one is part of the project. */
class PublishedNumbersTest {

    private static final String HEADER = "table,row,column,value,source\n";

    @TempDir
    Path root;

    private Workspace workspace;
    private final Profile profile = Profile.load("quick");

    @BeforeEach
    void run() throws IOException {
        workspace = new Workspace(root);
        var tables = Files.createDirectories(root.resolve("build/tables/quick"));
        Files.writeString(tables.resolve("made-up.csv"), "task,features,test\nx,f,81.5\nx,g,70\ny,f,\n");
    }

    private PublishedNumbers read(String rows) throws IOException {
        return PublishedNumbers.read(Files.writeString(root.resolve("numbers.csv"), HEADER + rows), workspace, profile);
    }

    @Test
    void oursStandBesideThemWithTheDifference() throws IOException {
        var published = read("made-up,x / f,test,80,\"A paper, Table 1\"\nmade-up,x / g,test,71.25,A paper\n");
        assertEquals("""
            table,row,column,ours,published,difference,source
            made-up,x / f,test,81.5,80,1.5,"A paper, Table 1"
            made-up,x / g,test,70,71.25,-1.25,A paper
            """, published.table().toCsv());
        var files = published.write(workspace);
        assertTrue(Files.exists(root.resolve("build/tables/quick/published.csv")));
        assertTrue(Files.readString(files.get(1)).contains("<title>Beside published numbers</title>"));
    }

    @Test
    void whatTheRunLacksIsBlankAndNamed() throws IOException {
        var table = read("made-up,z / f,test,1,s\nmade-up,y / f,test,2,s\nother,a,b,3,s\n")
                .table();
        assertTrue(table.toCsv().contains("made-up,z / f,test,,1,,s"), table.toCsv());
        assertTrue(
                table.toString().contains("no such number: made-up, z / f, test; made-up, y / f, test; other, a, b"),
                table.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "made-up,x,test,about 80,s | row 1: the value \"about 80\" is no number",
                "made-up,x,test,NaN,s | row 1: the value",
                "../x,x,test,1,s | row 1: The name \"../x\"",
                "made-up,x,test,1 | row 1: 4 cells",
                "'' | holds no number"
            })
    void aMalformedRowIsNamed(String rows, String message) {
        var error = assertThrows(IllegalArgumentException.class, () -> read(rows));
        assertTrue(
                error.getMessage().contains(message) && error.getMessage().contains("numbers.csv"), error.getMessage());
    }

    @Test
    void aNumberThatIsThereTwiceAndAMissingColumnAreNamed() throws IOException {
        var twice = assertThrows(IllegalArgumentException.class, () -> read("t,r,c,1,s\nt,r,c,2,s\n"));
        assertTrue(twice.getMessage().contains("row 2: t, r, c is there twice"), twice.getMessage());
        var file = Files.writeString(root.resolve("short.csv"), "table,row,value\nt,r,1\n");
        var missing =
                assertThrows(IllegalArgumentException.class, () -> PublishedNumbers.read(file, workspace, profile));
        assertTrue(missing.getMessage().contains("no column column, source"), missing.getMessage());
    }
}
