using CoSim.Os.Loader;

namespace CoSim.Cli.Terminal;

/// <summary>Writes files that are there whole or not at all: a temporary file beside the target, renamed at the end.</summary>
public static class WholeFile
{
    /// <summary>Checks, before long work is done, that a file can be written.</summary>
    /// <exception cref="BadInputException">The place cannot be written to.</exception>
    public static void CheckWritable(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException(path, "is a directory");
        string temporary = TemporaryName(path);
        Guard(path, () =>
        {
            using FileStream probe = File.Create(temporary);
        });
        File.Delete(temporary);
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">The target; replaced when it exists.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = TemporaryName(path);
        try
        {
            Guard(path, () =>
            {
                using (FileStream stream = File.Create(temporary))
                    write(stream);
                File.Move(temporary, path, true);
            });
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }

    private static string TemporaryName(string path) => $"{path}.{Environment.ProcessId}.tmp";

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (DirectoryNotFoundException)
        {
            throw new BadInputException(path, "no such directory");
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
