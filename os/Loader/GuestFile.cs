namespace CoSim.Os.Loader;

/// <summary>A file of the host on its way into the machine, beside the program that runs there.</summary>
/// <param name="GuestPath">Its absolute path in the guest.</param>
/// <param name="IsExecutable">Whether the guest may run it: it has the mode 0755 there, and 0644 otherwise.</param>
/// <param name="Content">The file's bytes.</param>
public sealed record GuestFile(string GuestPath, bool IsExecutable, byte[] Content)
{
    /// <summary>Linux' PATH_MAX with its NUL.</summary>
    private const int LongestPath = 4096;

    private static readonly string[] s_own = ["/init", "/" + InitJob.Path, "/" + InitJob.ImagePath];

    /// <summary>
    /// Reads what a user names as HOST or HOST:GUEST. HOST is a file, a folder with all that is below it, or the name of a program in
    /// PATH. GUEST is an absolute path; one that ends with '/' is the folder to put the file into under its own name. Without it the file or
    /// folder is in the guest's root, which is the first program's working directory.
    /// </summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="searchPath">Directories between colons, as in PATH.</param>
    /// <returns>The files, in the order of their paths.</returns>
    /// <exception cref="BadInputException">There is no such file, or GUEST is not a path that a file can be put at.</exception>
    public static IReadOnlyList<GuestFile> Read(string text, string searchPath)
    {
        int colon = text.LastIndexOf(":/", StringComparison.Ordinal);
        if (colon < 0 && text.LastIndexOf(':') is >= 0 and int relative && !File.Exists(text) && !Directory.Exists(text))
            throw new BadInputException(text, $"the guest's path '{text[(relative + 1)..]}' is not absolute");
        string host = colon < 0 ? text : text[..colon];
        string guest = colon < 0 ? "/" : text[(colon + 1)..];
        if (host.Length == 0)
            throw new BadInputException(text, "names no file of the host");
        if (Directory.Exists(host))
            return ReadFolder(host, colon < 0 ? "/" + Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(host))) : guest.TrimEnd('/'));
        string file = File.Exists(host) ? host : ProgramPackage.Resolve(host, searchPath);
        string path = guest.EndsWith('/') ? guest + Path.GetFileName(file) : guest;
        return [ReadOne(file, CheckedPath(text, path))];
    }

    /// <summary>Refuses two files at one place, or one at the place of a folder of another.</summary>
    /// <param name="files">All files.</param>
    /// <param name="programs">Programs that come along too.</param>
    /// <exception cref="BadInputException">Two have the same path, or one's path leads through the other.</exception>
    public static void CheckPaths(IReadOnlyList<GuestFile> files, IEnumerable<ProgramPackage> programs)
    {
        HashSet<string> taken = [.. programs.Select(p => p.GuestPath)];
        foreach (GuestFile file in files)
        {
            if (!taken.Add(file.GuestPath))
                throw new BadInputException(file.GuestPath, "two files have this path in the guest");
        }
        foreach (GuestFile file in files)
        {
            string? through = Folders(file.GuestPath).FirstOrDefault(taken.Contains);
            if (through != null)
                throw new BadInputException(file.GuestPath, $"'{through}' is a file in the guest, not a folder");
        }
    }

    /// <summary>The folders above a path, from the root down, without the root.</summary>
    internal static IEnumerable<string> Folders(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static IReadOnlyList<GuestFile> ReadFolder(string host, string guest)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(host, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new BadInputException(host, e.Message.TrimEnd('.'));
        }
        return [.. files.Select(f => ReadOne(f, CheckedPath(host, guest + "/" + Path.GetRelativePath(host, f).Replace('\\', '/'))))];
    }

    private static GuestFile ReadOne(string host, string guest)
    {
        byte[] content = InputFile.Read(host);
        bool executable = OperatingSystem.IsWindows() || (File.GetUnixFileMode(host) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
        return new GuestFile(guest, executable, content);
    }

    private static string CheckedPath(string text, string path)
    {
        string[] names = path[1..].Split('/');
        if (path.Length >= LongestPath || path.Contains('\0') || names.Any(n => n is "" or "." or ".."))
            throw new BadInputException(text, $"'{path}' is not a plain path of a file in the guest");
        return s_own.Contains(path) ? throw new BadInputException(text, $"'{path}' is the simulator's own file in the guest") : path;
    }
}
