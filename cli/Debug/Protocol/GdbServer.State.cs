using System.Text;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <content>Registers and memory.</content>
internal sealed partial class GdbServer
{
    /// <summary>Bytes that one packet reads at most: two digits for each must fit.</summary>
    private const int LongestRead = GdbFraming.PacketSize / 2;

    private const int WidestRegister = 16;

    private string ReadRegisters()
    {
        StringBuilder reply = new();
        Span<byte> value = stackalloc byte[WidestRegister];
        foreach (TargetRegister register in TargetRegisters.All)
        {
            register.Read(Core, value[..register.Bytes]);
            reply.Append(GdbHex.Of(value[..register.Bytes]));
        }

        return reply.ToString();
    }

    /// <summary>Registers that cannot be written keep their values; gdb sends all of them whatever it has changed.</summary>
    private string WriteRegisters(string packet)
    {
        if (GdbHex.Bytes(packet.AsSpan(1)) is not { } bytes || bytes.Length > TargetRegisters.All.Sum(r => r.Bytes))
            return Invalid;
        Span<byte> present = stackalloc byte[WidestRegister];
        int at = 0;
        foreach (TargetRegister register in TargetRegisters.All)
        {
            if (at + register.Bytes > bytes.Length)
                break;
            ReadOnlySpan<byte> wanted = bytes.AsSpan(at, register.Bytes);
            at += register.Bytes;
            register.Read(Core, present[..register.Bytes]);
            if (!wanted.SequenceEqual(present[..register.Bytes]) && register.Write is { } write && write(Core, wanted))
                _control.Changed(Core);
        }

        return Ok;
    }

    private string ReadRegister(string packet)
    {
        if (!GdbHex.TryNumber(packet.AsSpan(1), out ulong number) || number >= (ulong)TargetRegisters.All.Count)
            return Invalid;
        TargetRegister register = TargetRegisters.All[(int)number];
        Span<byte> value = stackalloc byte[register.Bytes];
        register.Read(Core, value);
        return GdbHex.Of(value);
    }

    private string WriteRegister(string packet)
    {
        GdbWords words = new(packet, 1);
        if (!words.Number('=', out ulong number) || number >= (ulong)TargetRegisters.All.Count)
            return Invalid;
        TargetRegister register = TargetRegisters.All[(int)number];
        if (GdbHex.Bytes(words.Rest) is not { } value || value.Length != register.Bytes)
            return Invalid;
        if (register.Write is not { } write || !write(Core, value))
            return NotPermitted;
        _control.Changed(Core);
        return Ok;
    }

    private string ReadMemory(string packet)
    {
        GdbWords words = new(packet, 1);
        if (!words.Number(',', out ulong address) || !words.Number(';', out ulong length))
            return Invalid;
        byte[] bytes = new byte[(int)Math.Min(length, LongestRead)];
        int count = TargetMemory.ReadLinear(Core, address, bytes);
        if (count == 0 && length != 0)
            return BadAddress;
        return packet[0] == 'm' ? GdbHex.Of(bytes.AsSpan(0, count)) : "b" + Encoding.Latin1.GetString(bytes, 0, count);
    }

    private string WriteMemory(string packet)
    {
        GdbWords words = new(packet, 1);
        if (!words.Number(',', out ulong address) || !words.Number(':', out ulong length))
            return Invalid;
        byte[]? bytes = packet[0] == 'M' ? GdbHex.Bytes(words.Rest) : Encoding.Latin1.GetBytes(words.Rest.ToString());
        if (bytes is null || (ulong)bytes.Length != length)
            return Invalid;
        if (bytes.Length == 0)
            return Ok;
        if (!TargetMemory.WriteLinear(Core, address, bytes))
            return BadAddress;
        _control.Changed(Core);
        return Ok;
    }
}
