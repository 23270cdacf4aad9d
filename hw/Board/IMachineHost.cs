using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>The world around a machine: what it says, and what it is asked.</summary>
public interface IMachineHost : IConsole
{
    /// <summary>Input for the serial console, polled when the machine has nothing to do and at regular simulated times. False: none now.</summary>
    bool TryReceive(out byte value);

    /// <summary>Blocks until <see cref="TryReceive"/> would give a byte. False: no input will ever come.</summary>
    bool WaitForInput();

    /// <summary>A guest executed a request (NOP DWORD PTR [RAX+C05100NNh]).</summary>
    /// <param name="core">The core's index.</param>
    /// <param name="request">What it asked.</param>
    /// <param name="argument">RAX.</param>
    void OnGuestRequest(int core, GuestRequest request, ulong argument);

    /// <summary>The machine met something that it does not model; one line, naming it.</summary>
    void OnUnmodelled(string what);

    /// <summary>Something went wrong in the hardware, because the specification asked for it or because the hardware is so.</summary>
    /// <param name="fault">The fault's name.</param>
    /// <param name="time">When.</param>
    /// <param name="effect">What it did, in one line.</param>
    void OnFault(string fault, SimTime time, string effect)
    {
    }

    /// <summary>Firmware wrote a byte to the debug console (port 402h), which only machines with that device have.</summary>
    void OnDebugConsole(byte value)
    {
    }
}

/// <summary>Requests that guest code makes by marker instructions; on real hardware they do nothing.</summary>
public enum GuestRequest : byte
{
    /// <summary>A measured span begins; the argument is its id.</summary>
    SpanBegin = 1,

    /// <summary>The span with that id ends.</summary>
    SpanEnd = 2,

    /// <summary>Empty this core's caches, TLBs, op cache and predictors.</summary>
    Cold = 3,

    /// <summary>Go on with the detailed engine.</summary>
    Detailed = 4,

    /// <summary>Go on with the functional engine.</summary>
    Functional = 5,

    /// <summary>The program of interest ended; the argument is its exit status.</summary>
    Exit = 6,

    /// <summary>A label for traces.</summary>
    Label = 7,

    /// <summary>A block of data for the host; the argument is its physical address. A length in bytes (u64), then the bytes; none ends the transfer.</summary>
    Data = 8,
}
