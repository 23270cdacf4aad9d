namespace CoSim.Os.Loader;

/// <summary>A program of the host on its way into the machine.</summary>
public sealed class ProgramPackage
{
    private ProgramPackage(string hostPath, string name, byte[] content)
    {
        HostPath = hostPath;
        GuestPath = "/bin/" + name;
        Content = content;
    }

    /// <summary>The file on the host.</summary>
    public string HostPath { get; }

    /// <summary>The file's bytes.</summary>
    public byte[] Content { get; }

    /// <summary>Where the program is in the guest: /bin and the file's name, or the name that it was given.</summary>
    public string GuestPath { get; }

    /// <summary>Reads and checks a program.</summary>
    /// <param name="name">A path, or a name that is looked up as a shell does.</param>
    /// <param name="searchPath">Directories between colons, as in PATH.</param>
    /// <exception cref="BadInputException">There is no such program, or it is not a static x86-64 ELF file.</exception>
    public static ProgramPackage Read(string name, string searchPath)
    {
        string path = Resolve(name, searchPath);
        return ReadAs(path, Path.GetFileName(path));
    }

    /// <summary>Reads and checks a program that has another name in the guest than its file on the host.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The program's name in the guest, without a directory.</param>
    /// <exception cref="BadInputException">There is no such file, or it is not a static x86-64 ELF file.</exception>
    public static ProgramPackage ReadAs(string path, string name)
    {
        byte[] content = InputFile.Read(path);
        ElfProgram.Check(path, content);
        return new ProgramPackage(path, name, content);
    }

    /// <summary>The file that a name stands for: itself with a '/', else the first in the search path, else one here.</summary>
    internal static string Resolve(string name, string searchPath)
    {
        if (name.Length == 0)
            throw new BadInputException("PROGRAM", "the name is empty");
        if (name.Contains('/'))
            return name;
        foreach (string directory in searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(directory, name);
            if (File.Exists(candidate))
                return candidate;
        }
        return File.Exists(name) ? name : throw new BadInputException(name, "no such file, here or in PATH");
    }
}
