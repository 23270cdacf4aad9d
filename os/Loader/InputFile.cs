namespace CoSim.Os.Loader;

/// <summary>Reads the user's files and turns what the host says into one clear message.</summary>
public static class InputFile
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <exception cref="BadInputException">It has no name, is missing, a directory, not readable or larger than 2 GiB.</exception>
    public static byte[] Read(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new BadInputException($"'{path}'", "not a name of a file");
        if (Directory.Exists(path))
            throw new BadInputException(path, "is a directory");
        try
        {
            return File.ReadAllBytes(path);
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
