/* fuzz/replay.c -- runs a fuzz target once over every file of the folders named, as a test.
 * usage: replay_TARGET DIR…
 * A folder that is missing is an empty one (fuzz/found has no folder until something was found); no file at all is a
 * fault. */
#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void replay_file(const char *path, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1); /* its own block, so that the sanitizer sees one byte too far */
    FILE *file = fopen(path, "rb");
    if (!bytes || !file || fread(bytes, 1, size, file) != size) {
        fprintf(stderr, "%s can't be read\n", path);
        exit(1);
    }
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static int replay_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries) {
        if (errno == ENOENT)
            return 0;
        fprintf(stderr, "%s can't be opened\n", folder);
        exit(1);
    }
    int count = 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[4096];
        struct stat about;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || strcmp(entry->d_name, "README.md") == 0)
            continue;
        replay_file(path, (size_t)about.st_size);
        count++;
    }
    closedir(entries);
    return count;
}

int main(int count, char **arguments)
{
    int files = 0;
    for (int i = 1; i < count; i++)
        files += replay_folder(arguments[i]);
    printf("%d files\n", files);
    return files ? 0 : 1;
}
