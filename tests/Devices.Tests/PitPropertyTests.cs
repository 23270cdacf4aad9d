using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>The PIT's functions of time against a counter that really ticks, written from the data sheet's timing diagrams.</summary>
public sealed class PitPropertyTests
{
    [Test]
    public void OutAndCountEqualThoseOfATickingCounter([Range(1, 60)] int seed)
    {
        SeededRandom random = new("pit", (ulong)seed);
        Rig rig = new();
        Pit8254 pit = new(Rig.PitClock, rig.Services);
        rig.RunTicks(Rig.PitClock, 10);
        Ticking model = new();
        int[] modes = [0, 2, 3, 4];
        bool gate = false;
        for (int i = 0; i < 4000; i++)
        {
            if (i == 0 || random.Chance(1, 150))
            {
                model.Mode = modes[random.Below(4)];
                model.Control();
                pit.WritePort(0x43, 1, 0xB0 | (uint)(model.Mode << 1));
                WriteCount(pit, model, 2 + (uint)random.Below(40));
            }
            else if (random.Chance(1, 60))
            {
                WriteCount(pit, model, 2 + (uint)random.Below(40));
            }

            if (random.Chance(1, 40))
            {
                gate = !gate;
                pit.WritePort(0x61, 1, gate ? 1u : 0);
                model.SetGate(gate);
            }

            Compare(pit, model, seed, i);
            rig.RunTicks(Rig.PitClock, 1);
            model.Tick();
            Compare(pit, model, seed, i);
        }
    }

    private static void WriteCount(Pit8254 pit, Ticking model, uint count)
    {
        pit.WritePort(0x42, 1, count & 0xFF);
        pit.WritePort(0x42, 1, count >> 8);
        model.Write(count);
    }

    private static void Compare(Pit8254 pit, Ticking model, int seed, int step)
    {
        Rig.Same(pit.ReadPort(0x61, 1) >> 5 & 1, model.Out ? 1u : 0, seed, step, "OUT");
        if (model.CountDefined)
        {
            pit.WritePort(0x43, 1, 0x80);
            uint low = pit.ReadPort(0x42, 1);
            uint count = low | (pit.ReadPort(0x42, 1) << 8);
            Rig.Same(count, model.Count, seed, step, "the count");
        }
    }

    /// <summary>Modes 0, 2, 3 and 4, one CLK at a time.</summary>
    private sealed class Ticking
    {
        private uint _register;
        private uint _element;
        private bool _written;
        private bool _load;
        private bool _running;
        private bool _gate;
        private bool _strobed;

        public int Mode { get; set; }

        public bool Out { get; private set; }

        public uint Count => _element & 0xFFFF;

        public bool CountDefined => _running && !_load && (_gate || Mode is 0 or 4);

        public void Control()
        {
            Out = Mode != 0;
            _written = false;
            _load = false;
            _running = false;
        }

        public void Write(uint count)
        {
            _register = count;
            if (Mode is 0 or 4)
            {
                _load = true;
                Out = Mode == 4;
                _running = false;
            }
            else if (!_written || !_running)
            {
                _load = _gate;
            }

            _written = true;
        }

        public void SetGate(bool gate)
        {
            _gate = gate;
            if (Mode is 2 or 3)
            {
                _load = gate && _written;
                _running = false;
                Out = true;
            }
        }

        public void Tick()
        {
            if (_load)
            {
                _load = false;
                _running = true;
                _strobed = false;
                _element = Mode == 3 ? _register & ~1u : _register;
                _odd = (_register & 1) != 0;
                return;
            }

            if (!_running || !_gate)
            {
                return;
            }

            switch (Mode)
            {
                case 0:
                    _element--;
                    Out |= Count == 0;
                    break;
                case 2:
                    _element--;
                    Out = _element != 1;
                    if (_element == 0)
                    {
                        _element = _register;
                    }

                    break;
                case 3:
                    TickSquareWave();
                    break;
                default:
                    _element--;
                    Out = Count != 0 || _strobed;
                    _strobed |= Count == 0;
                    break;
            }
        }

        private bool _odd;

        /// <summary>Odd counts: the high half lasts one clock longer, at a count of zero.</summary>
        private void TickSquareWave()
        {
            if (_element > 2 || (_element == 2 && _odd && Out))
            {
                _element -= 2;
                return;
            }

            Out = !Out;
            _element = _register & ~1u;
            _odd = (_register & 1) != 0;
        }
    }
}
