namespace CoSim.Cli.Debug.Protocol;

/// <content>Packets that make the machine run.</content>
internal sealed partial class GdbServer
{
    private string? Verbose(string packet, out ResumeOrder? order)
    {
        order = null;
        if (packet == "vCont?")
            return "vCont;c;C;s;S;r";
        if (packet.StartsWith("vCont;", StringComparison.Ordinal))
            return Continue(packet["vCont;".Length..], out order);
        if (packet.StartsWith("vKill;", StringComparison.Ordinal))
        {
            order = new ResumeOrder(ResumeKind.Kill, 0);
            return Ok;
        }

        return Unknown;
    }

    /// <summary>
    /// One core may step; the others run meanwhile, whatever is asked for them: the machine is deterministic only as a whole. The first
    /// action that fits a thread counts, so a step of one thread stands before what the others do.
    /// </summary>
    private string? Continue(string actions, out ResumeOrder? order)
    {
        order = null;
        foreach (string word in actions.Split(';'))
        {
            string[] parts = word.Split(':');
            int core = _resumed;
            if (parts.Length > 2 || parts[0].Length == 0)
                return Invalid;
            if (parts.Length == 2 && parts[1] is not ("-1" or "0"))
            {
                if (!GdbHex.TryNumber(parts[1], out ulong thread) || CoreOf(thread) is not { } chosen)
                    return NotPermitted;
                core = chosen;
            }

            switch (parts[0][0])
            {
                case 'c' or 'C':
                    order ??= new ResumeOrder(ResumeKind.Continue, core);
                    break;
                case 's' or 'S':
                    order ??= new ResumeOrder(ResumeKind.Step, core);
                    break;
                case 'r':
                    GdbWords words = new(parts[0], 1);
                    if (!words.Number(',', out ulong start) || !words.Number(',', out ulong end))
                        return Invalid;
                    order ??= new ResumeOrder(ResumeKind.StepOutOfRange, core, start, end);
                    break;
                default:
                    order = null;
                    return Invalid;
            }
        }

        return null;
    }

    /// <summary>The older packets, and those that go backwards.</summary>
    private string? Resume(string packet, out ResumeOrder? order)
    {
        order = null;
        if (packet[0] == 'b')
        {
            ResumeKind? kind = packet switch { "bs" => ResumeKind.ReverseStep, "bc" => ResumeKind.ReverseContinue, _ => null };
            if (kind is null)
                return Unknown;
            if (!_control.CanReverse)
                return NotPermitted;
            order = new ResumeOrder(kind.Value, _resumed);
            return null;
        }

        // "c ADDRESS" goes on elsewhere; gdb has used the register for that for many years.
        bool signal = packet[0] is 'C' or 'S';
        if (signal ? !GdbHex.TryNumber(packet.AsSpan(1), out _) : packet.Length > 1)
            return Invalid;
        order = new ResumeOrder(packet[0] is 'c' or 'C' ? ResumeKind.Continue : ResumeKind.Step, _resumed);
        return null;
    }
}
