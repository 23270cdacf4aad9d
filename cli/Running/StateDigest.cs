using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoSim.Cli.Running;

/// <summary>A number that two machines share only if their states are the same.</summary>
internal static class StateDigest
{
    /// <summary>The first 64 bits of the SHA-256 of the machine's whole state, memory included. The machine must not be running.</summary>
    public static ulong Of(Machine machine) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(machine.Save()));
}
