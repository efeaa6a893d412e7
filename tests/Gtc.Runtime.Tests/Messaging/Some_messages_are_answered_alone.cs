namespace Gtc.Runtime.Tests.Messaging;

public sealed class Some_messages_are_answered_alone
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_beside_one_that_is_answered_alone()
    {
        using var room = new AnsweringRoom(2);
        await room.EnterAsync(isAlone: false, Token);
        await room.EnterAsync(isAlone: false, Token);
        var alone = room.EnterAsync(isAlone: true, Token);
        var another = room.EnterAsync(isAlone: true, Token);
        room.Leave(isAlone: false);
        alone.IsCompleted.ShouldBeFalse("one is there yet");
        room.Leave(isAlone: false);
        await alone;
        another.IsCompleted.ShouldBeFalse();
        var beside = room.EnterAsync(isAlone: false, Token);
        beside.IsCompleted.ShouldBeFalse();

        room.Leave(isAlone: true);
        await beside;
        another.IsCompleted.ShouldBeFalse();
        room.Leave(isAlone: false);
        await another;
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_place_away()
    {
        using var room = new AnsweringRoom(2);
        await room.EnterAsync(isAlone: false, Token);
        using var stop = new CancellationTokenSource();
        var alone = room.EnterAsync(isAlone: true, stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(alone);
        await room.EnterAsync(isAlone: false, Token);
        room.Leave(isAlone: false);
        room.Leave(isAlone: false);
        await room.EnterAsync(isAlone: true, Token);
    }
}
