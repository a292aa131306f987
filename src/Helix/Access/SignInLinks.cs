using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Helix.Core.Access;

namespace Helix.Access;

/// <summary>Links with which browsers sign in, each once. They are held in memory: a daemon that goes takes them with it.</summary>
internal sealed class SignInLinks(TimeProvider time)
{
    private const int Bytes = 32;

    // held while a link is made or used
    private readonly Lock _gate = new();
    private OpenLinks _open = OpenLinks.None;

    /// <returns>The secret of a new one, which nobody can find out again, and until when it works.</returns>
    public (string Secret, DateTimeOffset Until) Make()
    {
        var random = Random();
        var now = time.GetUtcNow();
        lock (_gate) _open = _open.With(KeyHash.FromBytes(random), now);
        return (SessionRules.Secret(random), now + OpenLinks.Lifetime);
    }

    /// <returns>Whether it was made here, not long ago, and is used for the first time.</returns>
    public bool Use(string secret)
    {
        Span<byte> random = stackalloc byte[Bytes];
        if (secret.Length != SessionRules.SecretLength || Base64Url.DecodeFromChars(secret, random, out _, out var length) != OperationStatus.Done || length != Bytes) return false;
        lock (_gate)
        {
            (_open, var wasOpen) = _open.Take(KeyHash.FromBytes(random), time.GetUtcNow());
            return wasOpen;
        }
    }

    /// <summary>From the system itself where it has a file for it: each start of helix makes a link, and a library of cryptography takes megabytes of memory.</summary>
    private static byte[] Random()
    {
        const string Source = "/dev/urandom";
        if (!File.Exists(Source)) return RandomNumberGenerator.GetBytes(Bytes);
        using var source = File.OpenRead(Source);
        var random = new byte[Bytes];
        source.ReadExactly(random);
        return random;
    }
}
