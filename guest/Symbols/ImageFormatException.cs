namespace CoSim.Guest.Symbols;

/// <summary>A file is not what it should be: says which file, where in it and what is wrong.</summary>
public sealed class ImageFormatException(string file, string place, string cause) : Exception($"{file}: {place}: {cause}")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;
    /// <summary>The part of the file, for example "program headers".</summary>
    public string Place { get; } = place;
    /// <summary>What is wrong with it.</summary>
    public string Cause { get; } = cause;
}
