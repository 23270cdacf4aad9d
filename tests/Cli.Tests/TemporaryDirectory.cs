namespace CoSim.Cli.Tests;

/// <summary>A directory of a test's own, removed at its end.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cosim-test-");

    /// <summary>Path of a file in the directory.</summary>
    public string File(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    /// <summary>Names of the files that are there.</summary>
    public string[] Names => [.. _directory.GetFileSystemInfos().Select(f => f.Name).Order()];

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(true);
}
