using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>Opens traces that the user names, and turns what is wrong with them into one clear message.</summary>
public static class TraceFile
{
    /// <summary>Does something with a trace.</summary>
    /// <exception cref="BadInputException">The file is missing, no trace, or damaged.</exception>
    public static T Read<T>(string path, Func<TraceReader, T> use)
    {
        if (Directory.Exists(path))
            throw new BadInputException(path, "is a directory");
        try
        {
            using TraceReader trace = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return use(trace);
        }
        catch (TraceFormatException e)
        {
            throw new BadInputException(path, e.Message);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException(path, "no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new BadInputException(path, "permission denied");
        }
    }
}
