using CoSim.Os.Loader;
using CoSim.Traces.Import;

namespace CoSim.Cli.Import;

/// <summary>Opens recordings that the user names, and turns what is wrong with them into one clear message.</summary>
internal static class RecordingFile
{
    /// <summary>Imports a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format; null to find out.</param>
    /// <exception cref="BadInputException">It cannot be read, or no line of it is understood.</exception>
    public static TraceImport Read(string path, ImportFormat? format)
    {
        if (Directory.Exists(path))
            throw new BadInputException(path, "is a directory");
        try
        {
            using StreamReader reader = new(path);
            RecordingLines lines = new(reader);
            if (lines.Head.Count == 0)
                throw new BadInputException(path, "is empty");
            ImportFormat known = format ?? TraceImport.Detect(lines.Head)
                ?? throw new BadInputException(path, "line 1", $"neither this nor any of the first {lines.Head.Count} lines is of {string.Join(", ", TraceImport.FormatNames)}");
            TraceImport import = TraceImport.Read(lines.All(), known);
            if (import.Events.Count > 0)
                return import;
            string name = TraceImport.FormatNames[(int)known];
            throw import.Report.Problems is [LineProblem first, ..]
                ? new BadInputException(path, $"line {first.Line}", $"{first.Cause}; nothing in the file is {name}")
                : new BadInputException(path, $"no event of {name} in it");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException(path, "no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new BadInputException(path, "permission denied");
        }
        catch (IOException e)
        {
            throw new BadInputException(path, e.Message.TrimEnd('.'));
        }
    }
}
