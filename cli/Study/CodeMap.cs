namespace CoSim.Cli.Study;

/// <summary>What is at an address of the guest.</summary>
/// <param name="Image">Name of the image, for example "vdso"; empty when the address belongs to none.</param>
/// <param name="Symbol">Function name; empty when unknown.</param>
/// <param name="Offset">Bytes from the function's start.</param>
/// <param name="File">Source file; empty when unknown.</param>
/// <param name="Line">Source line from 1; 0 when unknown.</param>
/// <param name="Bytes">The instruction's bytes; empty when unknown.</param>
/// <param name="Text">The instruction in Intel syntax; empty when unknown.</param>
public sealed record CodeLocation(string Image, string Symbol, ulong Offset, string File, int Line, byte[] Bytes, string Text);

/// <summary>Names addresses of the guest.</summary>
public interface ICodeMap
{
    /// <summary>What is at an address. Never fails: what is unknown is empty.</summary>
    CodeLocation Locate(ulong address);
}
