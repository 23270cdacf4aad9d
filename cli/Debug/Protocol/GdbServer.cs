using System.Globalization;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>
/// The GDB remote serial protocol (GDB manual, appendix E) in all-stop mode. Threads are cores: thread 1 is core 0. Every packet has a
/// reply; one that is not known an empty one, one that cannot be carried out an error.
/// </summary>
internal sealed partial class GdbServer
{
    /// <summary>Error replies: the numbers of EPERM, EFAULT and EINVAL, which mean to people what they mean here.</summary>
    private const string NotPermitted = "E01", BadAddress = "E0e", Invalid = "E16";

    private const string Ok = "OK", Unknown = "";

    private readonly IDebugControl _control;
    private readonly Action<string> _send;
    private StopEvent _stop = new(StopKind.Interrupt, 0);
    private int _general;
    private int _resumed;
    private bool _reasons;

    /// <summary>Makes the server of one connection.</summary>
    /// <param name="control">The run.</param>
    /// <param name="send">Sends a packet besides the reply.</param>
    public GdbServer(IDebugControl control, Action<string> send)
    {
        _control = control;
        _send = send;
    }

    /// <summary>Whether gdb has asked for an end of acknowledgements.</summary>
    public bool NoAcknowledgements { get; private set; }

    private Machine Machine => _control.Machine;

    private MachineCore Core => Machine.Cores[_general];

    /// <summary>The machine has stopped.</summary>
    /// <returns>The packet that says so.</returns>
    public string Stopped(StopEvent stop)
    {
        _stop = stop;
        _general = _resumed = stop.Core;
        return StopReply.Of(stop, Machine, _reasons);
    }

    /// <summary>Carries a packet out.</summary>
    /// <param name="packet">Its data.</param>
    /// <param name="order">What the machine is to do from now on; null to stay where it is.</param>
    /// <returns>The reply; null for none, or none before the machine stops again.</returns>
    public string? Handle(string packet, out ResumeOrder? order)
    {
        order = null;
        if (packet.Length == 0)
            return Unknown;
        switch (packet[0])
        {
            case '?':
                return StopReply.Of(_stop, Machine, _reasons);
            case 'g':
                return ReadRegisters();
            case 'G':
                return WriteRegisters(packet);
            case 'p':
                return ReadRegister(packet);
            case 'P':
                return WriteRegister(packet);
            case 'm' or 'x':
                return ReadMemory(packet);
            case 'M' or 'X':
                return WriteMemory(packet);
            case 'Z' or 'z':
                return ChangePoint(packet);
            case 'H':
                return ChooseThread(packet);
            case 'T':
                return GdbHex.TryNumber(packet.AsSpan(1), out ulong id) && CoreOf(id) is not null ? Ok : NotPermitted;
            case 'q' or 'Q':
                return Query(packet);
            case 'D':
                order = new ResumeOrder(ResumeKind.Detach, 0);
                return Ok;
            case 'k':
                order = new ResumeOrder(ResumeKind.Kill, 0);
                return null;
            case 'v':
                return Verbose(packet, out order);
            case 'c' or 'C' or 's' or 'S' or 'b':
                return Resume(packet, out order);
            default:
                return Unknown;
        }
    }

    private string ChooseThread(string packet)
    {
        if (packet.Length < 3)
            return Invalid;
        int core = packet.AsSpan(2) is "-1" or "0" ? _stop.Core
            : GdbHex.TryNumber(packet.AsSpan(2), out ulong id) && CoreOf(id) is { } chosen ? chosen : -1;
        if (core < 0)
            return NotPermitted;
        switch (packet[1])
        {
            case 'g':
                _general = core;
                return Ok;
            case 'c':
                _resumed = core;
                return Ok;
            default:
                return Invalid;
        }
    }

    private int? CoreOf(ulong thread) => thread >= 1 && thread <= (ulong)Machine.Cores.Count ? (int)(thread - 1) : null;

    private string ChangePoint(string packet)
    {
        GdbWords words = new(packet, 1);
        if (!words.Number(',', out ulong type) || !words.Number(',', out ulong address) || !words.Number(';', out ulong length))
            return Invalid;
        if (type > 4)
            return Unknown;
        return _control.Points.Change((int)type, address, length, packet[0] == 'Z') ? Ok : Invalid;
    }

    private static string Number(int value) => value.ToString("x", CultureInfo.InvariantCulture);
}
