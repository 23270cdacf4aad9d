using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <content>Mappings, and memory by linear address as the setup sees it.</content>
public sealed unsafe partial class BareCore
{
    private const ulong PageMask = PhysicalMemory.PageSize - 1;
    private const ulong CodeArenaBytes = 64L << 20;

    /// <summary>Bytes that can still be mapped, page tables included.</summary>
    public ulong FreeBytes => _pages.Free;

    /// <summary>Maps every page that a range touches, zeroed. Pages that are mapped already stay as they are.</summary>
    /// <param name="linear">First byte.</param>
    /// <param name="length">Bytes; the range does not wrap. The pages must fit into <see cref="FreeBytes"/>.</param>
    /// <param name="access">Rights.</param>
    public void Map(ulong linear, ulong length, BareAccess access)
    {
        if (length == 0 || Mode == BareMode.Real16)
            return;
        ulong last = (linear + length - 1) & ~PageMask;
        for (ulong page = linear & ~PageMask; ; page += PhysicalMemory.PageSize)
        {
            if (_pages.Find(page) is null)
                _pages.Map(page, access);
            if (page == last)
                return;
        }
    }

    /// <summary>True when a byte is mapped.</summary>
    public bool IsMapped(ulong linear) => Physical(linear) is not null;

    /// <summary>Writes mapped memory, whatever its rights.</summary>
    /// <exception cref="InvalidOperationException">A byte is not mapped.</exception>
    public void Write(ulong linear, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int part = (int)Math.Min((ulong)bytes.Length, PhysicalMemory.PageSize - (linear & PageMask));
            Memory.Write(Physical(linear) ?? throw new InvalidOperationException($"{linear:X}h is not mapped"), bytes[..part]);
            bytes = bytes[part..];
            linear += (uint)part;
        }
    }

    /// <summary>Reads memory, whatever its rights; zeros where nothing was touched yet.</summary>
    /// <returns>False when a byte is not mapped.</returns>
    public bool TryRead(ulong linear, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int part = (int)Math.Min((ulong)bytes.Length, PhysicalMemory.PageSize - (linear & PageMask));
            if (Physical(linear) is { } physical)
                Memory.Read(physical, bytes[..part]);
            else if (IsReserved(linear))
                bytes[..part].Clear();
            else
                return false;
            bytes = bytes[part..];
            linear += (uint)part;
        }

        return true;
    }

    private ulong? Physical(ulong linear) => Mode != BareMode.Real16 ? _pages.Find(linear) : linear < RealModeBytes ? linear : null;

    private void ClearMemory(BareMode mode)
    {
        // Written through the memory's own interface, so that decoded code goes with the bytes.
        if (_lowUsed)
            Memory.Write(0, s_lowZeros);
        _lowUsed = mode == BareMode.Real16;
        _pages.Reset(mode == BareMode.Long64);
        if (mode == BareMode.Protected32)
        {
            for (int n = 0; n < _pages.Directories.Length; n++)
                Memory.Write(PaeTable + ((ulong)n * sizeof(ulong)), BitConverter.GetBytes(_pages.Directories[n]));
            _lowUsed = true;
        }

        if ((ulong)Code.Bytes > CodeArenaBytes)
            Code.Clear();
    }
}
