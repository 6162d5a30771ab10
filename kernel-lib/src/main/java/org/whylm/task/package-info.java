/**
 * Is a task of anyone's own natural? A labelled CSV file becomes a page: what solves the task, how much of that a few words after a
 * prompt do, how many labels it takes, and what to do next.
 */
package org.whylm.task;
