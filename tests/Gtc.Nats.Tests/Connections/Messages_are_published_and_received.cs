using System.Text;

namespace Gtc.Nats.Tests;

public sealed class Messages_are_published_and_received
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task A_message_comes_with_its_subject_headers_and_bytes()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var subscription = await connection.SubscribeAsync("greet.*", Token).Ok();

        await connection.PublishAsync("greet.ada", "hello"u8.ToArray(), new NatsHeaders { { "Lang", "en" }, { "Lang", "de" }, { "Empty", "" } }, replyTo: null, Token).Ok();
        var message = (await subscription.ReadAsync(Token)).ShouldNotBeNull();

        message.Subject.ShouldBe("greet.ada");
        Encoding.UTF8.GetString(message.Payload.Span).ShouldBe("hello");
        message.Headers.ShouldNotBeNull().Values("Lang").ShouldBe(["en", "de"]);
        message.Headers!["Empty"].ShouldBe("");
        message.ReplyTo.ShouldBeNull();
    }

    [Fact]
    public async Task A_question_is_answered()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var questions = await connection.SubscribeAsync("double", Token).Ok();
        var answering = Task.Run(
            async () =>
            {
                await foreach (var question in questions.ReadAllAsync(Token))
                {
                    await question.ReplyAsync(Encoding.UTF8.GetBytes($"{int.Parse(Encoding.UTF8.GetString(question.Payload.Span)) * 2}"), Token).Ok();
                }
            },
            Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => connection.RequestAsync("double", Encoding.UTF8.GetBytes($"{number}"), Token)));

        answers.Select(answer => int.Parse(Encoding.UTF8.GetString(answer.Ok().Payload.Span))).ShouldBe(Enumerable.Range(0, 500).Select(number => number * 2));
        await questions.DisposeAsync();
        await answering;
    }

    [Fact]
    public async Task A_question_that_nobody_listens_to_is_known_to_be_at_once()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();

        (await connection.RequestAsync("nobody", default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.NoResponders);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_runs_out_of_time()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var silent = await connection.SubscribeAsync("silent", Token).Ok();

        (await connection.RequestAsync("silent", default, headers: null, TimeSpan.FromMilliseconds(50), Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TimedOut);
    }

    [Fact]
    public async Task A_question_can_be_given_up()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var silent = await connection.SubscribeAsync("silent", Token).Ok();
        using var giveUp = new CancellationTokenSource();
        var asked = connection.RequestAsync("silent", default, giveUp.Token);

        (await silent.ReadAsync(Token)).ShouldNotBeNull();
        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a\r\nPUB x 0")]
    public async Task A_subject_that_the_server_would_not_refuse_is_refused_here(string subject)
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();

        (await connection.PublishAsync(subject, default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
        (await connection.RequestAsync(subject, default, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
        (await connection.SubscribeAsync(subject, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.Invalid);
    }

    [Fact]
    public async Task A_message_of_the_greatest_size_comes_through_and_one_more_byte_is_refused_before_it_is_sent()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var subscription = await connection.SubscribeAsync("big", Token).Ok();
        var payload = new byte[1024 * 1024];
        new Random(7).NextBytes(payload);

        await connection.PublishAsync("big", payload, Token).Ok();

        (await subscription.ReadAsync(Token)).ShouldNotBeNull().Payload.Span.SequenceEqual(payload).ShouldBeTrue();
        (await connection.PublishAsync("big", new byte[payload.Length + 1], Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TooLarge);
        (await connection.PublishAsync("big", payload, new NatsHeaders { { "A", "b" } }, replyTo: null, Token)).Error.ShouldNotBeNull().Kind.ShouldBe(NatsErrorKind.TooLarge);
    }

    [Fact]
    public async Task A_hundred_thousand_messages_come_in_order()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var subscription = await connection.SubscribeAsync("count", new SubscriptionOptions { Capacity = 200_000 }, Token).Ok();
        var publishing = Task.Run(
            async () =>
            {
                for (var number = 0; number < 100_000; number++)
                {
                    await connection.PublishAsync("count", BitConverter.GetBytes(number), Token).Ok();
                }
            },
            Token);

        for (var number = 0; number < 100_000; number++)
        {
            BitConverter.ToInt32((await subscription.ReadAsync(Token)).ShouldNotBeNull().Payload.Span).ShouldBe(number);
        }

        await publishing;
    }

    [Fact]
    public async Task One_member_of_a_queue_group_gets_each_message()
    {
        await using var server = await NatsServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await using var one = await connection.SubscribeAsync("work", new SubscriptionOptions { Queue = "workers" }, Token).Ok();
        await using var two = await connection.SubscribeAsync("work", new SubscriptionOptions { Queue = "workers" }, Token).Ok();

        for (var number = 0; number < 200; number++)
        {
            await connection.PublishAsync("work", default, Token).Ok();
        }

        await connection.FlushAsync(Token).Ok();
        int Count(NatsSubscription subscription)
        {
            var count = 0;
            while (subscription.TryRead(out _))
            {
                count++;
            }

            return count;
        }

        var (first, second) = (Count(one), Count(two));
        (first + second).ShouldBe(200);
        first.ShouldBeInRange(1, 199);
    }
}
