using System.Buffers;
using System.IO.Pipelines;

namespace Helix.Gateway.Lane;

/// <summary>A connection of which something was read already: that is given first, then what the connection itself gives. Once it has been taken, nothing lies in between any more.</summary>
/// <param name="bytes">What was read; the owner leaves them as they are from here on.</param>
internal sealed class FirstBytes(IDuplexPipe connection, byte[] bytes) : IDuplexPipe
{
    public PipeReader Input { get; } = new Reader(bytes, connection.Input);

    public PipeWriter Output { get; } = connection.Output;

    private sealed class Reader(byte[] bytes, PipeReader rest) : PipeReader
    {
        /// <summary>What was given, or will be, and is not taken yet; null once all of it is.</summary>
        private byte[]? _kept = bytes.Length > 0 ? bytes : null;
        private int _start;
        private int _end = bytes.Length;

        /// <summary>Its reader has looked at all that is kept, and needs more.</summary>
        private bool _isSeen;
        private ReadOnlySequence<byte> _given;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _kept is null ? rest.ReadAsync(cancellationToken)
            : _isSeen ? MoreAsync(cancellationToken)
            : new(Give(isCanceled: false, isCompleted: false));

        public override bool TryRead(out ReadResult result)
        {
            if (_kept is null) return rest.TryRead(out result);
            if (!_isSeen)
            {
                result = Give(isCanceled: false, isCompleted: false);
                return true;
            }

            if (!rest.TryRead(out var more))
            {
                result = default;
                return false;
            }

            result = Join(more);
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (_kept is null)
            {
                rest.AdvanceTo(consumed, examined);
                return;
            }

            var (taken, seen) = (_given.Slice(_given.Start, consumed).Length, _given.Slice(_given.Start, examined).Length);
            _isSeen = seen == _given.Length;
            _start += (int)taken;
            _given = default;
            if (_start == _end) _kept = null;
        }

        public override void CancelPendingRead() => rest.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            (_kept, _given) = (null, default);
            rest.Complete(exception);
        }

        private async ValueTask<ReadResult> MoreAsync(CancellationToken cancellationToken) => Join(await rest.ReadAsync(cancellationToken));

        /// <summary>A line or a frame may lie on both sides: until its beginning is taken, what follows is kept with it.</summary>
        private ReadResult Join(ReadResult more)
        {
            var length = checked((int)more.Buffer.Length);
            if (length > _kept!.Length - _end)
            {
                var kept = _end - _start;
                var larger = new byte[checked(Math.Max(kept + length, 2 * kept))];
                _kept.AsSpan(_start, kept).CopyTo(larger);
                (_kept, _start, _end) = (larger, 0, kept);
            }

            more.Buffer.CopyTo(_kept.AsSpan(_end));
            _end += length;
            rest.AdvanceTo(more.Buffer.End);
            return Give(more.IsCanceled, more.IsCompleted);
        }

        private ReadResult Give(bool isCanceled, bool isCompleted)
        {
            _given = new(_kept!, _start, _end - _start);
            return new(_given, isCanceled, isCompleted);
        }
    }
}
