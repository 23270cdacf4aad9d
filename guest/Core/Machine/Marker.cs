using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>Requests to the simulator: no-operations on hardware, acted upon when they retire.</summary>
public static unsafe class Marker
{
    /// <summary>A span begins.</summary>
    [RuntimeImport("marker_span_begin"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void SpanBegin(ulong span);
    /// <summary>The span ends.</summary>
    [RuntimeImport("marker_span_end"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void SpanEnd(ulong span);
    /// <summary>Empties caches, TLBs, op cache and branch predictors.</summary>
    [RuntimeImport("marker_cold"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Cold(ulong unused);
    /// <summary>Continues on the detailed engine.</summary>
    [RuntimeImport("marker_detailed"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Detailed(ulong unused);
    /// <summary>Continues on the functional engine.</summary>
    [RuntimeImport("marker_functional"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Functional(ulong unused);
    /// <summary>The program's exit status.</summary>
    [RuntimeImport("marker_exit"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void ExitStatus(ulong status);
    /// <summary>A value for traces.</summary>
    [RuntimeImport("marker_label"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Label(ulong value);
    /// <summary>A block of data for the host: a length in bytes (u64) and that many bytes at a physical address; none ends the transfer.</summary>
    [RuntimeImport("marker_data"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Data(ulong physicalAddress);

    /// <summary>Calls a System V function of two arguments with a span around exactly the call.</summary>
    [RuntimeImport("measure_call2"), MethodImpl(MethodImplOptions.InternalCall)] public static extern long MeasureCall(ulong span, void* function, ulong a, void* b);
    /// <summary>A system call with a span around exactly the SYSCALL instruction; the block has its number and six arguments.</summary>
    [RuntimeImport("measure_syscall6"), MethodImpl(MethodImplOptions.InternalCall)] public static extern long MeasureSystemCall6(ulong span, ulong* block);
    /// <summary>A system call of two arguments with a span around exactly the SYSCALL instruction.</summary>
    [RuntimeImport("measure_syscall2"), MethodImpl(MethodImplOptions.InternalCall)] public static extern long MeasureSystemCall(ulong span, ulong number, ulong a, void* b);
}
