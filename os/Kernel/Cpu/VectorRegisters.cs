using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// The vector and x87 registers of user mode. Kernel entries save only the vector registers that the kernel's own code uses
/// (below the frame); all others stay live in the processor until another task runs.
/// </summary>
public static unsafe class VectorRegisters
{
    /// <summary>Initial state: x87 control word 37Fh, MXCSR 1F80h, all registers 0 (APM vol. 2, 11.4.4).</summary>
    public static void Initialize(VectorState* v)
    {
        *v = default;
        *(ushort*)v = 0x37F;
        ((uint*)v)[6] = 0x1F80;
    }

    /// <summary>Collects the user state of the running task into its save area.</summary>
    public static void Capture(TrapFrame* f, Task* t) => Machine.SaveVectors((CpuFrame*)f, (byte*)&t->Vectors);

    /// <summary>
    /// Makes the save area of the running task its user state, in the processor and below the frame. Also for the first return to user
    /// mode, which does not pass through an entry stub: nothing that uses vector registers may follow then.
    /// </summary>
    public static void Install(TrapFrame* f, Task* t)
    {
        ((uint*)&t->Vectors)[6] &= 0x0002_FFFF; // reserved MXCSR bits would fault
        Machine.RestoreVectors((CpuFrame*)f, (byte*)&t->Vectors);
    }
}
