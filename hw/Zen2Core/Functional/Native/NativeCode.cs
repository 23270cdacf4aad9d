using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>
/// Translated code of one <see cref="CodeCache"/>: its memory, the stubs through which control enters and leaves it, and the jumps
/// between blocks. Translated code has the shape of a handler. It never calls anything: it leaves by a jump to a handler, or by a
/// return, with the stack as it found it, so the runtime never meets a frame that it does not know.
/// </summary>
internal sealed unsafe class NativeCode : IDisposable
{
    /// <summary>Most bytes of code that a cache may hold.</summary>
    public const int BufferBytes = 64 << 20;

    /// <summary>Room that one translation may need.</summary>
    private const int Headroom = 256 << 10;

    private readonly CodeBuffer _buffer;
    private readonly List<(int Jump, int Unlinked)> _sites = [];
    private readonly int _afterStubs;

    private NativeCode(CodeBuffer buffer)
    {
        _buffer = buffer;
        Emitter = new HostEmitter(buffer.Write);
        (EnterStub, ExitStub, ReturnNullStub, RunHandlerStub) = NativeStubs.Emit(Emitter);
        _afterStubs = Emitter.Position;
    }

    /// <summary>Writes into the buffer.</summary>
    public HostEmitter Emitter { get; }

    /// <summary>Enters from a handler's caller: RAX holds where to go.</summary>
    public int EnterStub { get; }

    /// <summary>Leaves to the handler at R10 for the micro-op in R11; RAX becomes its third argument.</summary>
    public int ExitStub { get; }

    /// <summary>Leaves to the engine's loop.</summary>
    public int ReturnNullStub { get; }

    /// <summary>Leaves to the own handler of the block entry in R11.</summary>
    public int RunHandlerStub { get; }

    /// <summary>Bytes in use.</summary>
    public int Bytes => Emitter.Position;

    /// <summary>No room for another block: the cache must be cleared.</summary>
    public bool Full => Emitter.Position > _buffer.Size - Headroom;

    /// <summary>Makes one, or null where the host does not allow it.</summary>
    public static NativeCode? Create()
    {
        CodeBuffer? buffer = CodeBuffer.Create(BufferBytes);
        return buffer is null ? null : new NativeCode(buffer);
    }

    /// <summary>The host address of an offset.</summary>
    public nint AddressOf(int offset) => _buffer.Execute + offset;

    /// <summary>The offset of a host address inside the buffer.</summary>
    public int OffsetOf(nint address) => (int)(address - _buffer.Execute);

    /// <summary>Notes a jump that may be linked.</summary>
    /// <param name="jump">Place of its displacement.</param>
    /// <param name="unlinked">Where it leads while it is not.</param>
    /// <returns>The number of the site.</returns>
    public int AddSite(int jump, int unlinked)
    {
        _sites.Add((jump, unlinked));
        return _sites.Count - 1;
    }

    /// <summary>Makes a site's jump lead to a block.</summary>
    public void Link(int site, Block target)
    {
        Emitter.Patch(_sites[site].Jump, target.NativeBody);
        (target.IncomingSites ??= []).Add(site);
    }

    /// <summary>Takes back all jumps to a block that is no longer valid.</summary>
    public void Unlink(Block target)
    {
        foreach (int site in target.IncomingSites ?? [])
            Emitter.Patch(_sites[site].Jump, _sites[site].Unlinked);
        target.IncomingSites = null;
    }

    /// <summary>Forgets all translations. The caller drops the blocks.</summary>
    public void Clear()
    {
        _sites.Clear();
        Emitter.Position = _afterStubs;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
