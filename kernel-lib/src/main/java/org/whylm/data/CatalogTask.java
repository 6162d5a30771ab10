package org.whylm.data;

import java.util.List;
import java.util.Map;

/**
 * What the catalog says of a task.
 *
 * @param name key in the catalog, such as {@code movies-fine}
 * @param title the task in a few words
 * @param classes names of the classes, in the order of the labels
 * @param sha256 SHA-256, in hexadecimal, of each file that the task is read from, by its path below the downloads or, for a
 *     CSV task, below {@code WHYLM_DATA}
 * @param labelRule how a row gets its label
 * @param prompt the prompt of the rows marked {@code *}, with a leading and without a trailing space
 * @param words word lists of the word-restricted features by name: {@code subset}, {@code classWords}, {@code posNeg}
 */
public record CatalogTask(
        String name,
        String title,
        List<String> classes,
        String source,
        Map<String, String> sha256,
        String licence,
        String citation,
        String labelRule,
        String prompt,
        Map<String, List<String>> words) {

    /**
     * A word list.
     *
     * @throws IllegalArgumentException if the task has no list of that name
     */
    public List<String> words(String list) {
        var found = words.get(list);
        if (found == null) {
            throw new IllegalArgumentException(
                    "The task " + name + " has no word list \"" + list + "\"; it has " + words.keySet());
        }
        return found;
    }
}
