using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>Why guest code cannot go on.</summary>
public enum PanicReason
{
    /// <summary>Set by the caller.</summary>
    Explicit,
    /// <summary>A span index out of bounds.</summary>
    IndexOutOfRange,
    /// <summary>Division by zero.</summary>
    DivideByZero,
    /// <summary>A checked operation overflowed.</summary>
    Overflow,
    /// <summary>A null reference.</summary>
    NullReference,
    /// <summary>Code that the compiler could not compile.</summary>
    InvalidProgram,
    /// <summary>Object references in memory, which guests do not have.</summary>
    ObjectReference,
}

public static unsafe partial class Machine
{
    /// <summary>
    /// The end: calls the image's export guest_panic(PanicReason), or raises #UD when there is none. Does not return.
    /// </summary>
    [RuntimeImport("guest_panic"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Panic(PanicReason reason);
}
