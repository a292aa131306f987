namespace Helix.Screen;

/// <summary>What happens to a terminal beside what is typed.</summary>
internal enum ScreenHappening
{
    Resized,

    /// <summary>The process was stopped and goes on: a shell may have written over everything meanwhile.</summary>
    Continued,

    /// <summary>Somebody asks the process to stop for a while.</summary>
    StopAsked,

    /// <summary>Nothing more will be typed.</summary>
    Closed,
}

/// <summary>A terminal that a program has to itself for a while. Whoever disposes of it finds it as it was.</summary>
internal interface IScreen : IDisposable
{
    /// <summary>In cells.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>Takes it: keys come one by one and are not shown, and what stood there is out of sight.</summary>
    void Enter();

    /// <summary>Gives it back, stops the process until somebody goes on with it, and takes it again.</summary>
    void Suspend();

    /// <summary>Tells from now on what is typed and what happens, on threads of its own.</summary>
    void Listen(Action<byte[]> typed, Action<ScreenHappening> happened);

    void Write(string text);
}
