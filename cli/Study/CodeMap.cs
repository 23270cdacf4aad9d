namespace CoSim.Cli.Study;

/// <summary>What is at an address of the guest.</summary>
/// <param name="Image">Name of the image, for example "vdso"; empty when the address belongs to none.</param>
/// <param name="Symbol">Function name; empty when unknown.</param>
/// <param name="Offset">Bytes from the function's start; where the function is unknown, from the image's.</param>
/// <param name="File">Source file; empty when unknown.</param>
/// <param name="Line">Source line from 1; 0 when unknown.</param>
/// <param name="Bytes">The instruction's bytes; empty when unknown.</param>
/// <param name="Text">The instruction in Intel syntax; empty when unknown.</param>
public sealed record CodeLocation(string Image, string Symbol, ulong Offset, string File, int Line, byte[] Bytes, string Text);

/// <summary>Reads the guest's memory where a core executes.</summary>
public interface ICodeReader
{
    /// <summary>The longest instruction: 15 bytes.</summary>
    const int LongestInstruction = 15;

    /// <summary>The bytes at an address that a core has just executed, at most <see cref="LongestInstruction"/>; none where nothing is mapped.</summary>
    /// <param name="core">The core's number.</param>
    /// <param name="address">Linear address.</param>
    byte[] Read(int core, ulong address);
}

/// <summary>Names addresses of the guest.</summary>
public interface ICodeMap
{
    /// <summary>What is at an address. Never fails: what is unknown is empty.</summary>
    /// <param name="address">Linear address.</param>
    /// <param name="memory">What the guest's memory had there when it was executed; empty for what the image has.</param>
    CodeLocation Locate(ulong address, byte[] memory);
}
