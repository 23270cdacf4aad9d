namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Blocks by their keys: open addressing with linear probing. Nothing is ever taken out but everything.</summary>
internal sealed class BlockTable
{
    private const int InitialSize = 1 << 14;

    private Block?[] _slots = new Block?[InitialSize];

    /// <summary>Blocks held.</summary>
    public int Count { get; private set; }

    /// <summary>All blocks, in no order that means anything.</summary>
    public IEnumerable<Block> Values
    {
        get
        {
            foreach (Block? block in _slots)
            {
                if (block is not null)
                    yield return block;
            }
        }
    }

    /// <summary>The block with a key, or null.</summary>
    public Block? Find(in BlockKey key)
    {
        Block?[] slots = _slots;
        for (int n = key.GetHashCode(); ; n++)
        {
            Block? block = slots[n & (slots.Length - 1)];
            if (block is null || block.Has(in key))
                return block;
        }
    }

    /// <summary>Adds a block, in the place of the one with its key if there is one.</summary>
    public void Put(Block block)
    {
        if (Count * 2 >= _slots.Length)
            Grow();
        if (Place(block))
            Count++;
    }

    /// <summary>Drops all blocks.</summary>
    public void Clear()
    {
        _slots = new Block?[InitialSize];
        Count = 0;
    }

    private bool Place(Block block)
    {
        for (int n = block.Key.GetHashCode(); ; n++)
        {
            ref Block? slot = ref _slots[n & (_slots.Length - 1)];
            bool isNew = slot is null;
            if (isNew || slot!.Has(block.Key))
            {
                slot = block;
                return isNew;
            }
        }
    }

    private void Grow()
    {
        Block?[] old = _slots;
        _slots = new Block?[old.Length * 2];
        foreach (Block? block in old)
        {
            if (block is not null)
                Place(block);
        }
    }
}
