package org.whylm.features;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.lm.Tokenizer;

/**
 * Words that stand for classes, in those forms only that the vocabulary has for every class. Were {@code " :)"} compared with
 * {@code ":("} because a vocabulary has the one with and the other without its space, then the space would decide.
 *
 * @param ofClass the words of each class; empty lists if no form is left
 * @param dropped tokens left out, since some class has none of their form
 */
public record ClassWords(List<WordList> ofClass, List<String> dropped) {

    /**
     * Looks the words up, each in the forms of {@link WordList}.
     *
     * @param words the words of each class, at least one
     * @throws IllegalArgumentException if a class has none
     */
    public static ClassWords of(Tokenizer tokenizer, List<List<String>> words) {
        var kept = words.stream().map(any -> new LinkedHashSet<Integer>()).toList();
        var dropped = new LinkedHashSet<Integer>();
        for (int form = 0; form < WordList.FORMS; form++) {
            var found = new ArrayList<Set<Integer>>();
            for (var ofClass : words) {
                found.add(tokens(tokenizer, ofClass, form));
            }
            boolean complete = found.stream().noneMatch(Set::isEmpty);
            for (int k = 0; k < found.size(); k++) {
                (complete ? kept.get(k) : dropped).addAll(found.get(k));
            }
        }
        kept.forEach(dropped::removeAll);
        var lists = IntStream.range(0, words.size())
                .mapToObj(k -> new WordList(List.copyOf(words.get(k)), ids(kept.get(k).stream())));
        return new ClassWords(
                lists.toList(), dropped.stream().map(tokenizer::token).toList());
    }

    /** The same for one word a class. */
    public static ClassWords ofOneEach(Tokenizer tokenizer, List<String> words) {
        return of(tokenizer, words.stream().map(List::of).toList());
    }

    private static Set<Integer> tokens(Tokenizer tokenizer, List<String> words, int form) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("A class has no word");
        }
        var tokens = new LinkedHashSet<Integer>();
        words.forEach(
                word -> WordList.token(tokenizer, WordList.form(word, form)).ifPresent(tokens::add));
        return tokens;
    }

    /** Whether no form is left. */
    public boolean isEmpty() {
        return ofClass.stream().allMatch(WordList::isEmpty);
    }

    /** The words of all classes as one list, class by class. */
    public WordList together() {
        return new WordList(
                ofClass.stream().flatMap(list -> list.words().stream()).toList(),
                ids(ofClass.stream().flatMap(list -> IntStream.of(list.ids()).boxed())));
    }

    private static int[] ids(Stream<Integer> ids) {
        return ids.distinct().mapToInt(Integer::intValue).toArray();
    }

    /** What of the words is used, and what is not and why. */
    @Override
    public String toString() {
        var used = ofClass.stream()
                .map(list ->
                        list.words() + " as " + list.ids().length + (list.ids().length == 1 ? " token" : " tokens"))
                .collect(Collectors.joining(", "));
        var lacking = dropped.stream().map(token -> "\"" + token + "\"").collect(Collectors.joining(", "));
        return used + (dropped.isEmpty() ? "" : "; left out, as not every class has that form: " + lacking);
    }
}
