namespace CoSim.Os.Loader;

/// <summary>
/// Input from the user (an ELF file, an image, an archive) that cannot be used. The message is one line that names the file,
/// the place in it and the cause; nothing has been written when it is thrown.
/// </summary>
public sealed class BadInputException : Exception
{
    /// <summary>Reports a cause that has no particular place in the file.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="cause">What is wrong, without a full stop.</param>
    public BadInputException(string file, string cause)
        : base($"{file}: {cause}")
    {
    }

    /// <summary>Reports a cause at a place.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="place">The structure or byte offset that is at fault.</param>
    /// <param name="cause">What is wrong, without a full stop.</param>
    public BadInputException(string file, string place, string cause)
        : base($"{file}: {place}: {cause}")
    {
    }
}
