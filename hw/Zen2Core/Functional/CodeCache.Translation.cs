using CoSim.Hw.Zen2Core.Functional.Native;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <content>Translation of hot blocks to host machine code. Results are the same with and without it.</content>
public sealed unsafe partial class CodeCache
{
    /// <summary>Executions after which a block is worth its translation: a translated instruction costs as much as some ten threaded ones.</summary>
    public const uint DefaultThreshold = 24;

    private readonly List<Block> _numbered = [];
    private NativeCode? _native;
    private BlockTranslator? _translator;
    private uint _threshold;

    /// <summary>Whether blocks are translated.</summary>
    public bool Translates => _native is not null;

    /// <summary>Blocks translated since the cache was made.</summary>
    public long Translations { get; private set; }

    /// <summary>Bytes of translated code held, dead ones included.</summary>
    public int NativeBytes => _native?.Bytes ?? 0;

    /// <summary>
    /// Has blocks translated from now on. False, and the cache stays as it is, where the host does not allow it: another
    /// processor or system, or no memory that may be executed. Call before anything has run.
    /// </summary>
    /// <param name="threshold">Executions of a block before it is translated; 0 translates at the first.</param>
    public bool Translate(uint threshold)
    {
        if (_blocks.Count > 0)
            throw new InvalidOperationException("code has been decoded already");
        if (_native is null)
        {
            if (NativeCode.Create() is not { } native)
                return false;
            _native = native;
            _translator = new BlockTranslator(native, _arena);
            _decoder.EntryOps = 1;
        }

        _threshold = threshold;
        return true;
    }

    /// <summary>Translates the block of an entry if that is possible; otherwise its handlers run from now on.</summary>
    internal void Translate(MicroOp* entry)
    {
        Block block = _numbered[((BlockEntry*)entry)->Number];
        if (_native!.Full || !_translator!.Translate(block, KeepAllFlags))
            block.DropTranslation(_native.AddressOf(_native.RunHandlerStub));
        else
            Translations++;
    }

    /// <summary>Makes a jump of translated code lead to the translation of the block at an entry, if it has one.</summary>
    internal void LinkTranslation(int site, MicroOp* entry)
    {
        Block block = _numbered[((BlockEntry*)entry)->Number];
        if (block.NativeBody >= 0)
            _native!.Link(site, block);
    }

    /// <summary>
    /// The first micro-op behind a link or an entry of the jump cache, past what counts executions and enters translations; null to leave.
    /// </summary>
    internal MicroOp* PassEntry(CpuState* s, MicroOp* entry)
    {
        // The entry of an invalid block leads on to its successor's.
        while (_native is not null && entry != null)
        {
            if (_numbered[((BlockEntry*)entry)->Number].Valid)
                return entry + 1;
            entry = entry->Handler(s, entry);
        }

        return entry;
    }

    private void NumberBlock(Block block)
    {
        if (_native is null)
            return;
        block.CountExecutions(_numbered.Count, _threshold, _native.AddressOf(_native.RunHandlerStub));
        _numbered.Add(block);
    }

    private void Invalidate(Block block)
    {
        if (_native is not null && block.Valid)
        {
            _native.Unlink(block);
            block.DropTranslation(_native.AddressOf(_native.RunHandlerStub));
        }

        block.Invalidate();
    }
}
