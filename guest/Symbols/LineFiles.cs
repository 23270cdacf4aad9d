namespace CoSim.Guest.Symbols;

/// <summary>The directory and file tables in the header of a line number program.</summary>
internal static class LineFiles
{
    private const ulong PathContent = 1, DirectoryContent = 2;

    /// <summary>Versions 2 to 4: file 1 is the first, directory 0 the compilation's.</summary>
    /// <returns>The numbers of the files in <paramref name="files"/>.</returns>
    public static List<int> Read(ref ByteReader r, FileList files)
    {
        List<string> directories = [""];
        for (string directory = r.Text(); directory != ""; directory = r.Text()) directories.Add(directory);
        List<int> result = [files.Add("")];
        for (string name = r.Text(); name != ""; name = r.Text())
        {
            ulong directory = r.Uleb();
            r.Uleb(); // time
            r.Uleb(); // length
            result.Add(files.Add(Combine(directories, directory, name)));
        }
        return result;
    }

    /// <summary>Version 5: both tables say themselves what they hold, and start at 0.</summary>
    /// <returns>The numbers of the files in <paramref name="files"/>.</returns>
    public static List<int> ReadVersion5(ref ByteReader r, bool wide, byte[] lineStrings, byte[] strings, string file, FileList files)
    {
        List<string> directories = [.. Entries(ref r, wide, lineStrings, strings, file).Select(e => e.Path)];
        List<int> result = [];
        foreach ((string path, ulong directory) in Entries(ref r, wide, lineStrings, strings, file)) result.Add(files.Add(Combine(directories, directory, path)));
        return result;
    }

    private static List<(string Path, ulong Directory)> Entries(ref ByteReader r, bool wide, byte[] lineStrings, byte[] strings, string file)
    {
        (ulong Content, ulong Form)[] format = new (ulong, ulong)[r.U8()];
        for (int i = 0; i < format.Length; i++) format[i] = (r.Uleb(), r.Uleb());
        List<(string, ulong)> entries = [];
        ulong count = r.Uleb();
        if (count > (ulong)r.Length) throw r.Fault($"{count} file names");
        for (ulong i = 0; i < count; i++)
        {
            string path = "";
            ulong directory = 0;
            foreach ((ulong content, ulong form) in format)
            {
                (string text, ulong number) = Value(ref r, form, wide, lineStrings, strings, file);
                if (content == PathContent) path = text;
                if (content == DirectoryContent) directory = number;
            }
            entries.Add((path, directory));
        }
        return entries;
    }

    // DW_FORM_* (section 7.5.5), those that section 6.2.4.1 allows here.
    private static (string Text, ulong Number) Value(ref ByteReader r, ulong form, bool wide, byte[] lineStrings, byte[] strings, string file)
    {
        switch (form)
        {
            case 0x08: return (r.Text(), 0);
            case 0x0E: return (StringAt(strings, r.Offset(wide), file, ".debug_str"), 0);
            case 0x1F: return (StringAt(lineStrings, r.Offset(wide), file, ".debug_line_str"), 0);
            case 0x0B: return ("", r.U8());
            case 0x05: return ("", r.U16());
            case 0x06: return ("", r.U32());
            case 0x07: return ("", r.U64());
            case 0x0F: return ("", r.Uleb());
            case 0x1E:
                r.Take(16);
                return ("", 0);
            case 0x09:
                r.Take(r.Uleb());
                return ("", 0);
            default: throw r.Fault($"form {form:X}h is not known in a file table");
        }
    }

    private static string StringAt(byte[] section, ulong offset, string file, string place)
    {
        ByteReader r = new(section, file, place);
        r.Seek(offset);
        return r.Text();
    }

    private static string Combine(List<string> directories, ulong index, string name)
    {
        string directory = index < (ulong)directories.Count ? directories[(int)index] : "";
        return directory == "" || name.StartsWith('/') ? name : directory + "/" + name;
    }
}
