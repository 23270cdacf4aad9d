using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>The auxiliary vector as given to a program: pairs of type and value, ended by AT_NULL (getauxval(3)).</summary>
[InlineArray(48)]
public struct AuxVector
{
    public const ulong Null = 0, ProgramHeaders = 3, HeaderSize = 4, HeaderCount = 5, PageSize = 6, Base = 7, Flags = 8, Entry = 9, Uid = 11, Euid = 12, Gid = 13, Egid = 14;
    public const ulong Platform = 15, HardwareCaps = 16, ClockTick = 17, Secure = 23, Random = 25, HardwareCaps2 = 26, ExecName = 31, VdsoHeader = 33, MinSignalStack = 51;

    private ulong _first;
}
