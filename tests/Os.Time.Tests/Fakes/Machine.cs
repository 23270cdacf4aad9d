using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>Host stand-in for the instructions that the portable guest code uses.</summary>
internal static unsafe class Machine
{
    internal static void Pause()
    {
    }

    internal static void RepMovsb(void* to, void* from, ulong count) => Unsafe.CopyBlock(to, from, (uint)count);

    internal static void RepStosb(void* to, byte value, ulong count) => Unsafe.InitBlock(to, value, (uint)count);
}
